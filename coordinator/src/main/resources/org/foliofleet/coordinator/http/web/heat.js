// Machines of a class as cells of a map. Mouse and arrow keys go from machine to machine.
import { bytes, count, percent, simulated } from './units.js';

const STEPS = ['#1a9850', '#66bd63', '#a6d96a', '#fee08b', '#fdae61', '#f46d43', '#d73027'];
const DOING = { running: '#2a8f5a', starting: '#8fb8de', ordered: '#8fb8de', unknown: '#9aa5b1', waiting: '#e0a030', paused: '#b9a0d0', ended: '#5b7fa6', failed: '#c0392b' };
const NOTHING = '#9aa5b1';

/** @param share 0 is good, 1 is bad */
const step = share => STEPS[Math.max(0, Math.min(STEPS.length - 1, Math.floor(share * STEPS.length)))];
const headroom = (machine, of) => Math.max(0, 1 - machine.references / of.mostReferences);

export function colourOf(kind, machine, of) {
  if (kind === 'doing') return DOING[machine.doing] || NOTHING;
  if (!machine.memory) return NOTHING;
  if (kind === 'free') return step(1 - machine.free / machine.memory);
  if (kind === 'headroom') return step(1 - headroom(machine, of));
  const most = Math.max(1, ...of.machines.map(each => each.deferred));
  return step(machine.deferred / most * 0.999);
}

export function describe(machine, of) {
  const words = [`${of.name} ${machine.ordinal}: ${machine.doing}`];
  if (machine.memory) {
    words.push(`${simulated(machine.nanos)} simulated`, `${count(machine.processes)} processes`, `${bytes(machine.free)} of ${bytes(machine.memory)} free`,
      `${count(machine.deferred)} folios wait to be split${machine.deferredAge ? `, for ${simulated(machine.deferredAge)}` : ''}`,
      `highest reference count ${count(machine.references)} (${percent(headroom(machine, of))} headroom)`);
  }
  return words.join(' · ');
}

export function legendOf(kind, element) {
  const ends = { free: ['all free', 'full'], headroom: ['far from the limit', 'at the limit'], deferred: ['none', 'longest queue of the class'] }[kind];
  if (!ends) {
    element.replaceChildren(...['running', 'starting', 'waiting', 'paused', 'ended', 'failed'].flatMap(doing => [box(DOING[doing], 14), `${doing}  `]));
    return;
  }
  element.replaceChildren(ends[0], box(`linear-gradient(90deg, ${STEPS.join(',')})`, 90), ends[1]);
}

function box(background, width) {
  const swatch = document.createElement('span');
  swatch.className = 'swatch';
  swatch.style.background = background;
  swatch.style.width = `${width}px`;
  return swatch;
}

export class HeatMap {
  constructor(name, told) {
    this.told = told;
    this.chosen = 0;
    this.element = document.createElement('div');
    this.element.className = 'map';
    this.title = document.createElement('p');
    this.canvas = document.createElement('canvas');
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'img');
    this.canvas.dataset.class = name;
    this.element.append(this.title, this.canvas);
    this.canvas.addEventListener('mousemove', event => this.point(event.offsetX, event.offsetY));
    this.canvas.addEventListener('keydown', event => this.key(event));
    this.canvas.addEventListener('focus', () => this.tell());
    this.canvas.addEventListener('blur', () => this.draw());
  }

  show(of, colour) {
    this.of = of;
    this.colour = colour;
    const known = of.machines.filter(each => each.memory);
    this.title.textContent = `${of.name}: ${of.machines.length} machine${of.machines.length === 1 ? '' : 's'}`;
    this.canvas.setAttribute('aria-label', `${of.name}: ${of.machines.length} machines, ${known.length} heard of`);
    this.draw();
  }

  draw() {
    if (!this.of) return;
    const machines = this.of.machines;
    const width = Math.max(200, this.element.clientWidth || 600);
    this.cell = Math.max(6, Math.min(22, Math.floor(Math.sqrt(width * 120 / machines.length))));
    this.columns = Math.max(1, Math.floor(width / this.cell));
    const rows = Math.ceil(machines.length / this.columns);
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.min(machines.length, this.columns) * this.cell * scale;
    this.canvas.height = rows * this.cell * scale;
    this.canvas.style.width = `${this.canvas.width / scale}px`;
    this.canvas.style.height = `${this.canvas.height / scale}px`;
    const pen = this.canvas.getContext('2d');
    pen.scale(scale, scale);
    machines.forEach((machine, index) => {
      const x = index % this.columns * this.cell;
      const y = Math.floor(index / this.columns) * this.cell;
      pen.fillStyle = this.colour(machine);
      pen.fillRect(x, y, this.cell - 1, this.cell - 1);
      if (index === this.chosen && document.activeElement === this.canvas) {
        pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--ink');
        pen.lineWidth = 2;
        pen.strokeRect(x + 1, y + 1, this.cell - 3, this.cell - 3);
      }
    });
  }

  tell() {
    this.draw();
    if (this.of.machines[this.chosen]) this.told(this.of.machines[this.chosen], this.of);
  }

  point(x, y) {
    const index = Math.floor(y / this.cell) * this.columns + Math.floor(x / this.cell);
    if (index < this.of.machines.length) {
      this.chosen = index;
      this.tell();
    }
  }

  key(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns, Home: -this.chosen, End: this.of.machines.length - 1 - this.chosen }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.chosen = Math.max(0, Math.min(this.of.machines.length - 1, this.chosen + move));
    this.tell();
  }
}
