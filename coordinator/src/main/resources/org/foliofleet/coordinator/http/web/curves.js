// Curves of a machine class in simulated time; counters as rates.
import { bytes, count, simulated } from './units.js';

const COLOURS = ['#2a7fb8', '#d1772b', '#3a9a5f', '#a64d9e', '#8a8f2a', '#c0392b'];

/** Charts: title, unit, tracks; a track with a rate is a counter. */
const CHARTS = [
  { title: 'Memory', unit: bytes, binary: true, tracks: [['free', 'free'], ['used', 'used'], ['swapped', 'in swap']] },
  { title: 'Processes', unit: count, tracks: [['processes', 'alive']] },
  { title: 'Faults, forks, pins per simulated second', unit: count, rate: true, tracks: [['faults', 'faults'], ['forks', 'forks'], ['pins', 'pins']] },
  { title: 'Copied by write faults, per simulated second', unit: bytes, binary: true, rate: true, tracks: [['cow_copies', 'copied']] },
  { title: 'Folio splits per simulated second', unit: count, rate: true, tracks: [['split_ok', 'split'], ['split_pinned', 'refused: pinned'], ['split_failed', 'failed otherwise'], ['pmd_splits', 'PMD splits']] },
  { title: 'Deferred split queues', unit: count, tracks: [['deferred_length', 'folios']] },
  { title: 'Oldest folio on a deferred split queue', unit: simulated, tracks: [['deferred_age', 'age']] },
  { title: 'Highest reference count', unit: count, tracks: [['refs_peak', 'peak']] },
  { title: 'Swap and migration per simulated second', unit: bytes, binary: true, rate: true, tracks: [['swap_out', 'to swap'], ['swap_in', 'from swap'], ['migrated', 'migrated'], ['migrate_failed', 'not migrated']] },
];
/** Steps between ticks of memory. */
const BINARY = Array.from({ length: 60 }, (_, power) => 2 ** power);
const MAXIMA = new Set(['deferred_age', 'refs_peak']);

function values(series, node, track) {
  if (track === 'used') {
    const all = values(series, node, 'memory');
    const free = values(series, node, 'free');
    return all?.map((value, index) => value - free[index]);
  }
  if (series.machine[track]) return node === 'all' ? series.machine[track] : null;
  if (node !== 'all') return series.nodes[Number(node)]?.[track];
  return series.nanos.map((_, index) => series.nodes.map(each => each[track][index]).reduce((a, b) => MAXIMA.has(track) ? Math.max(a, b) : a + b, 0));
}

function rates(series, all) {
  return all.map((value, index) => index === 0 ? null : (value - all[index - 1]) / ((series.nanos[index] - series.nanos[index - 1]) / 1e9));
}

export class Curves {
  constructor(element) {
    this.element = element;
    this.plots = [];
    this.note = document.createElement('p');
    this.note.className = 'note';
  }

  clear() {
    this.plots.forEach(plot => plot.destroy());
    this.plots = [];
    this.element.replaceChildren();
    this.last = null;
  }

  redraw() {
    const last = this.last;
    this.clear();
    if (last) this.show(...last);
  }

  show(of, node, most) {
    if (of.series.nanos.length < 2) {
      this.clear();
      this.last = [of, node, most];
      return;
    }
    const lively = [];
    const quiet = [];
    for (const chart of CHARTS) {
      const shown = chart.tracks.map(([track, label]) => [label, values(of.series, node, track)]).filter(([, all]) => all);
      if (shown.some(([, all]) => all.some(value => value))) lively.push([chart, shown]);
      else if (shown.length) quiet.push(chart.title);
    }
    const key = `${of.name} ${node} ${quiet.join()}`;
    if (this.key !== key || !this.plots.length) {
      this.clear();
      this.key = key;
    }
    this.last = [of, node, most];
    lively.forEach(([chart, shown], index) => {
      const data = [of.series.nanos, ...shown.map(([, all]) => chart.rate ? rates(of.series, all) : all)];
      if (this.plots[index]) this.plots[index].setData(data);
      else this.plots.push(this.plot(chart, shown.map(([label]) => label), data));
    });
    this.note.textContent = quiet.length ? `Always 0 so far: ${quiet.join('; ')}.` : '';
    this.element.append(this.note);
  }

  plot(chart, labels, data) {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = chart.title;
    figure.append(caption);
    this.element.append(figure);
    const style = getComputedStyle(document.documentElement);
    const axis = { stroke: style.getPropertyValue('--faint'), grid: { stroke: style.getPropertyValue('--line'), width: 1 }, ticks: { stroke: style.getPropertyValue('--line') } };
    return new uPlot({
      width: Math.max(260, figure.clientWidth),
      height: 170,
      cursor: { sync: { key: 'time' } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.05] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(tick => tick === 0 ? '0' : simulated(tick)), space: 76, size: 36 },
        { ...axis, values: (_, ticks) => ticks.map(tick => tick === 0 ? '0' : chart.unit(tick)), size: 84, ...(chart.binary ? { incrs: BINARY } : {}) },
      ],
      series: [
        { label: 'at', value: (_, value) => value == null ? '–' : simulated(value) },
        ...labels.map((label, index) => ({ label, stroke: COLOURS[index], width: 1.6, spanGaps: true, value: (_, value) => value == null ? '–' : chart.unit(value) })),
      ],
    }, data, figure);
  }
}
