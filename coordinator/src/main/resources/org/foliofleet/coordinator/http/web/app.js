// The live page: what the API tells, drawn. Nothing is loaded from elsewhere, nothing is kept but the theme and the token.
import { HeatMap, colourOf, describe, legendOf } from './heat.js';
import { Curves } from './curves.js';
import { count, duration, simulated } from './units.js';

const api = 'api/v1/experiments';
const $ = id => document.getElementById(id);
const state = { id: null, status: null, fleet: null, events: null, list: [], lastPhase: null, troubles: new Set() };
const curves = new Curves($('curves'));
let maps = [];

// -- talking to the coordinator ------------------------------------------------------------------------------------

async function ask(path, options = {}) {
  const response = await fetch(path, options);
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const error = new Error(problem.detail || `${response.status} ${response.statusText}`);
    error.status = response.status;
    throw error;
  }
  return response.json();
}

async function command(what) {
  const token = sessionStorage.getItem('token');
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  $('message').textContent = '';
  try {
    show(await ask(`${api}/${state.id}/${what}`, { method: 'POST', headers, body: what === 'resume' ? '{}' : JSON.stringify({ reason: 'from the page' }) }));
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      $('credentials').hidden = false;
      $('token').focus();
    }
    $('message').textContent = error.message;
  }
}

async function list() {
  try {
    state.list = (await ask(api)).experiments;
    $('connection').textContent = `${state.list.length} experiment${state.list.length === 1 ? '' : 's'} · ${new Date().toLocaleTimeString()}`;
    showList();
  } catch (error) {
    $('connection').textContent = `the coordinator does not answer: ${error.message}`;
  }
}

async function fleet() {
  if (!state.id) return;
  const id = state.id;
  try {
    const told = await ask(`${api}/${id}/fleet`);
    if (id === state.id) {
      state.fleet = told;
      showFleet();
    }
  } catch (error) {
    $('message').textContent = error.message;
  }
}

function watch(id) {
  state.events?.close();
  state.events = new EventSource(`${api}/${id}/events`);
  state.events.addEventListener('status', event => {
    if (id === state.id) show(JSON.parse(event.data));
  });
}

// -- the list ------------------------------------------------------------------------------------------------------

function showList() {
  $('none').hidden = state.list.length > 0;
  const items = [...state.list].reverse().map(each => {
    const link = document.createElement('a');
    link.href = `#${each.id}`;
    link.textContent = each.id;
    if (each.id === state.id) link.setAttribute('aria-current', 'true');
    const small = document.createElement('small');
    const machines = each.status?.machines;
    small.textContent = each.phase + (machines && each.phase === 'running' ? ` · ${machines.running} of ${machines.all} machines` : '');
    link.append(small);
    const item = document.createElement('li');
    item.append(link);
    return item;
  });
  const focused = document.activeElement?.getAttribute?.('href');
  $('experiments').replaceChildren(...items);
  if (focused?.startsWith('#')) $('experiments').querySelector(`a[href="${CSS.escape(focused).replace('\\#', '#')}"]`)?.focus();
}

function choose() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id || id === 'main' || id === state.id) return;
  Object.assign(state, { id, status: null, fleet: null, lastPhase: null, troubles: new Set() });
  $('log').replaceChildren();
  $('message').textContent = '';
  $('choose').hidden = true;
  $('detail').hidden = false;
  $('maps').replaceChildren();
  maps = [];
  curves.clear();
  showList();
  watch(id);
  fleet();
}

// -- one experiment ------------------------------------------------------------------------------------------------

function show(status) {
  state.status = status;
  $('name').textContent = status.id;
  $('phase').textContent = status.pausing ? 'pausing' : status.phase;
  $('phase').className = `phase ${status.phase}`;
  const over = ['completed', 'failed', 'cancelled'].includes(status.phase);
  $('pause').disabled = over || status.pausing || status.phase === 'paused';
  $('resume').disabled = over || status.phase !== 'paused';
  $('cancel').disabled = over;
  $('report').href = `${api}/${status.id}/report`;
  $('report').style.visibility = status.phase === 'completed' ? 'visible' : 'hidden';
  const m = status.machines;
  const doing = ['starting', 'running', 'waiting', 'paused', 'ended', 'failed'].filter(each => m[each] > 0).map(each => `${m[each]} ${each}`);
  facts([
    ['Machines', doing.join(', ') || '–'],
    ['Simulated time', status.nanos < 0 ? '–' : simulated(status.nanos)],
    ['Speed', status.nanosPerSecond > 0 ? `${simulated(status.nanosPerSecond)} a second` : '–'],
    ['Messages', status.messagesPerSecond > 0 ? `${count(status.messages)}, ${count(status.messagesPerSecond)}/s` : count(status.messages)],
    ['Epoch', status.epoch < 0 ? '–' : count(status.epoch)],
    ['Remaining', status.remainingSeconds < 0 ? '–' : duration(status.remainingSeconds)],
    ['Step-backs', count(m.stepBacks)],
    ['Seed', String(status.seed)],
    ...(status.digest ? [['Digest', status.digest, true]] : []),
    ...(status.reason ? [['Reason', status.reason, true]] : []),
  ]);
  if (state.lastPhase !== status.phase) log(`${status.phase}${status.reason ? `: ${status.reason}` : ''}`);
  state.lastPhase = status.phase;
  for (const trouble of status.troubles) {
    if (!state.troubles.has(trouble)) log(trouble);
    state.troubles.add(trouble);
  }
  if (over) {
    state.events.close();
    fleet();
  }
}

function facts(all) {
  $('facts').replaceChildren(...all.map(([name, value, wide]) => {
    const box = document.createElement('div');
    if (wide) box.className = 'wide';
    const term = document.createElement('dt');
    const text = document.createElement('dd');
    term.textContent = name;
    text.textContent = value;
    box.append(term, text);
    return box;
  }));
}

function log(text) {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString();
  item.append(time, text);
  $('log').prepend(item);
  while ($('log').children.length > 200) $('log').lastChild.remove();
}

// -- machines and curves -------------------------------------------------------------------------------------------

function options(select, values) {
  if ([...select.options].map(each => each.value).join() === values.map(([value]) => value).join()) return;
  const chosen = select.value;
  select.replaceChildren(...values.map(([value, text]) => new Option(text, value)));
  if (values.some(([value]) => value === chosen)) select.value = chosen;
}

function showFleet() {
  if (!state.fleet) return;
  const kind = $('heat').value;
  const classes = state.fleet.classes;
  if (maps.length !== classes.length) {
    maps = classes.map(each => new HeatMap(each.name, (machine, of) => { $('machine').textContent = describe(machine, of); }));
    $('maps').replaceChildren(...maps.map(map => map.element));
  }
  maps.forEach((map, index) => map.show(classes[index], machine => colourOf(kind, machine, classes[index])));
  legendOf(kind, $('legend'));
  options($('class'), classes.map(each => [each.name, each.name]));
  const chosen = classes.find(each => each.name === $('class').value) || classes[0];
  if (!chosen) return;
  options($('node'), [['all', 'all'], ...chosen.series.nodes.map((_, node) => [String(node), String(node)])]);
  curves.show(chosen, $('node').value, chosen.mostReferences);
}

// -- what people do ------------------------------------------------------------------------------------------------

function theme(name) {
  document.documentElement.dataset.theme = name;
  $('theme').textContent = name === 'dark' ? 'Light' : 'Dark';
  try { localStorage.setItem('theme', name); } catch { /* a page without storage has no memory */ }
  curves.redraw();
  showFleet();
}

$('theme').addEventListener('click', () => theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
$('pause').addEventListener('click', () => command('pause'));
$('resume').addEventListener('click', () => command('resume'));
$('cancel').addEventListener('click', () => { if (confirm(`Cancel ${state.id}? It can not go on after that.`)) command('cancel'); });
$('credentials').addEventListener('submit', event => {
  event.preventDefault();
  sessionStorage.setItem('token', $('token').value);
  $('token').value = '';
  $('credentials').hidden = true;
  $('message').textContent = 'Now try again.';
});
for (const id of ['heat', 'class', 'node']) $(id).addEventListener('change', showFleet);
addEventListener('hashchange', choose);
addEventListener('resize', () => { curves.redraw(); showFleet(); });

let remembered = null;
try { remembered = localStorage.getItem('theme'); } catch { /* as above */ }
theme(remembered || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
await list();
if (!location.hash && state.list.length) history.replaceState(null, '', `#${state.list[state.list.length - 1].id}`);
choose();
setInterval(list, 2000);
setInterval(() => { if (state.status && ['starting', 'running'].includes(state.status.phase)) fleet(); }, 2000);
