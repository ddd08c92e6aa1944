// Draws the curves of a report; all else is there without.
const data = JSON.parse(document.getElementById('data').textContent);
const COLOURS = ['#2a7fb8', '#d1772b', '#3a9a5f', '#a64d9e', '#8a8f2a', '#c0392b', '#1aa3a3', '#7a6ff0'];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const MAXIMA = new Set(['deferred_age', 'refs_peak']);
const BINARY = Array.from({ length: 60 }, (_, power) => 2 ** power);

/** Charts: title, unit, tracks; those with a rate are counters. */
const CHARTS = [
  { title: 'Memory', unit: bytes, binary: true, tracks: [['used', 'used'], ['free', 'free'], ['swapped', 'in swap']] },
  { title: 'Processes', unit: count, tracks: [['processes', 'alive']] },
  { title: 'Faults, forks and pins, per simulated second', unit: count, rate: true, tracks: [['faults', 'faults'], ['forks', 'forks'], ['pins', 'pins']] },
  { title: 'Calls, per simulated second', unit: count, rate: true, tracks: [['calls', 'calls'], ['calls_failed', 'failed']] },
  { title: 'Copied by write faults, per simulated second', unit: bytes, binary: true, rate: true, tracks: [['cow_copies', 'copied']] },
  { title: 'Huge anonymous folios', unit: count, tracks: [['huge_anon', '2 MiB folios']] },
  { title: 'Splits, per simulated second', unit: count, rate: true, tracks: [['split_ok', 'folios split'], ['split_pinned', 'refused: pinned'], ['split_failed', 'failed otherwise'], ['pmd_splits', 'PMD mappings']] },
  { title: 'Collapses, per simulated second', unit: count, rate: true, tracks: [['collapses', 'folios']] },
  { title: 'Deferred split queues', unit: count, tracks: [['deferred_length', 'folios']] },
  { title: 'Oldest folio on a deferred split queue', unit: simulated, tracks: [['deferred_age', 'age']] },
  { title: 'Highest reference count so far', unit: count, tracks: [['refs_peak', 'references']] },
  { title: 'Swap, per simulated second', unit: bytes, binary: true, rate: true, tracks: [['swap_out', 'written'], ['swap_in', 'read']] },
  { title: 'Migration, per simulated second', unit: bytes, binary: true, rate: true, tracks: [['migrated', 'migrated'], ['migrate_failed', 'not migrated']] },
];

const plots = [];
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function values(run, node, track) {
  if (track === 'used') {
    const all = values(run, node, 'memory');
    const free = values(run, node, 'free');
    return all && all.map((value, index) => value - free[index]);
  }
  if (run.machine[track]) return node === 'all' ? run.machine[track] : null;
  if (node !== 'all') return run.nodes[Number(node)]?.[track];
  return run.nanos.map((_, index) => run.nodes.map(each => each[track][index]).reduce((a, b) => MAXIMA.has(track) ? Math.max(a, b) : a + b, 0));
}

function rates(run, all) {
  return all.map((value, index) => index === 0 ? null : (value - all[index - 1]) / ((run.nanos[index] - run.nanos[index - 1]) / 1e9));
}

/** Ticks in the unit of the last, no two alike. */
function times(_, ticks) {
  const last = Math.max(...ticks.map(Math.abs));
  const [size, unit] = [[3.6e12, 'h'], [6e10, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']].find(([size]) => last >= 2 * size) || [1, 'ns'];
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) / size : 1;
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return ticks.map(tick => tick === 0 ? '0' : `${(tick / size).toFixed(digits)} ${unit}`);
}

/** A dashed line, and its number where there is room, at each mark. */
function marks(at) {
  return plot => {
    const { ctx, bbox } = plot;
    const scale = devicePixelRatio || 1;
    let free = -Infinity;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour('--faint');
    ctx.setLineDash([3 * scale, 4 * scale]);
    ctx.lineWidth = scale;
    ctx.globalAlpha = 0.7;
    ctx.font = `${11 * scale}px system-ui, sans-serif`;
    at.forEach((nanos, index) => {
      const x = plot.valToPos(nanos, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width + 1 || at.length > 30) return;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const label = String(index + 1);
      const width = ctx.measureText(label).width;
      const left = Math.min(x + 3 * scale, bbox.left + bbox.width - width);
      if (left > free) {
        ctx.fillText(label, left, bbox.top + 10 * scale);
        free = left + width + 4 * scale;
      }
    });
    ctx.restore();
  };
}

function draw(parent, title, chart, lines, of) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  caption.textContent = title;
  figure.append(caption);
  parent.append(figure);
  const axis = { stroke: () => colour('--faint'), grid: { stroke: () => colour('--line'), width: 1 }, ticks: { stroke: () => colour('--line') }, font: '12px system-ui, sans-serif' };
  const table = uPlot.join(lines.map(line => [line.nanos, line.values]));
  const plot = new uPlot({
    width: Math.max(240, figure.clientWidth),
    height: 190,
    cursor: { sync: { key: of.name } },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.06] } },
    axes: [{ ...axis, values: times, space: 78, size: 36 }, { ...axis, values: (_, ticks) => ticks.map(tick => tick === 0 ? '0' : chart.unit(tick)), size: 84, space: 34, ...(chart.binary ? { incrs: BINARY } : {}) }],
    series: [
      { label: 'at', value: (_, value) => value == null ? '–' : simulated(value) },
      ...lines.map((line, index) => ({ label: line.label, stroke: COLOURS[index % COLOURS.length], dash: lines.length > 1 ? DASHES[index % DASHES.length] : [], width: 1.8, spanGaps: true, points: { size: 4, fill: COLOURS[index % COLOURS.length] }, value: (_, value) => value == null ? '–' : chart.unit(value) })),
    ],
    hooks: { draw: [marks(of.marks)] },
  }, table, figure);
  plots.push({ plot, figure, parent });
}

function show(box, of, node) {
  for (let i = plots.length - 1; i >= 0; i--) {
    if (plots[i].parent === box.plots) {
      plots[i].plot.destroy();
      plots.splice(i, 1);
    }
  }
  box.plots.replaceChildren();
  const quiet = [];
  const several = of.runs.length > 1;
  const long = of.runs.filter(run => run.nanos.length > 1);
  if (!long.length) {
    box.note.textContent = 'It was over before there was a second sample.';
    return;
  }
  for (const chart of CHARTS) {
    const curve = (run, track) => {
      const all = values(run, node, track);
      return all && (chart.rate ? rates(run, all) : all);
    };
    const happens = all => all && all.some(value => value);
    if (several) {
      for (const [track, label] of chart.tracks) {
        const lines = long.map(run => ({ label: run.label, nanos: run.nanos, values: curve(run, track) })).filter(line => line.values);
        if (lines.some(line => happens(line.values))) draw(box.plots, chart.tracks.length > 1 ? `${chart.title}: ${label}` : chart.title, chart, lines, of);
      }
    } else {
      const lines = chart.tracks.map(([track, label]) => ({ label, nanos: long[0].nanos, values: curve(long[0], track) })).filter(line => happens(line.values));
      if (lines.length) draw(box.plots, chart.title, chart, lines, of);
      else if (curve(long[0], chart.tracks[0][0])) quiet.push(chart.title.replace(', per simulated second', '').toLowerCase());
    }
  }
  const numbers = of.marks.length && of.marks.length <= 30 ? 'Dashed lines are marks, by their numbers in the table of marks. ' : '';
  box.note.textContent = numbers + (quiet.length ? `Not drawn, as always 0: ${quiet.join('; ')}.` : '');
}

for (const element of document.querySelectorAll('[data-class]')) {
  const of = data.classes[Number(element.dataset.class)];
  const box = { plots: document.createElement('div'), note: document.createElement('p') };
  box.plots.className = 'plots';
  box.note.className = 'note';
  const nodes = Math.max(...of.runs.map(run => run.nodes.length));
  if (nodes > 1) {
    const label = document.createElement('label');
    label.className = 'choice';
    const select = document.createElement('select');
    select.append(new Option('all nodes', 'all'), ...Array.from({ length: nodes }, (_, node) => new Option(`node ${node}`, node)));
    select.addEventListener('change', () => show(box, of, select.value));
    label.append('of ', select);
    element.append(label);
  }
  element.append(box.plots, box.note);
  show(box, of, 'all');
}

function resize() {
  plots.forEach(({ plot, figure }) => plot.setSize({ width: Math.max(240, figure.clientWidth), height: 190 }));
}

const repaint = () => plots.forEach(({ plot }) => plot.redraw());
addEventListener('resize', resize);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
matchMedia('print').addEventListener('change', () => { plots.forEach(({ plot }) => plot.setSize({ width: 240, height: 190 })); resize(); repaint(); });
document.documentElement.dataset.drawn = 'yes';
