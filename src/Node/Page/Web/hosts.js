// The table of hosts: what can be searched, sorted and read out.

import { h, keyed, setAttribute, setText } from './dom.js';
import { duration, natural, plural, rate } from './format.js';
import { marks } from './map.js';
import { plot } from './plot.js';
import { HOST, HUES, hueColour, isThere, sign, WAY } from './states.js';

/** Rows at first: the rest on request. */
const FEW = 50;

const COLUMNS = [
  { name: 'State', key: 'state', compare: (a, b) => HOST[b.host.state].rank - HOST[a.host.state].rank },
  { name: 'Host', key: 'name', compare: (a, b) => natural(a.host.name, b.host.name) },
  { name: 'Subnet', key: 'subnet', compare: (a, b) => a.place - b.place },
  { name: 'Address', key: 'address', compare: (a, b) => natural(a.host.publicIps[0] ?? '', b.host.publicIps[0] ?? '') },
  { name: 'Reaches', key: 'reach', compare: (a, b) => a.reach.good - b.reach.good },
  { name: 'Traffic, last 2 min', key: 'traffic', compare: (a, b) => b.speed - a.speed },
  { name: 'Up for', key: 'up', compare: (a, b) => (a.host.upSeconds ?? 0) - (b.host.upSeconds ?? 0) },
];

export class HostTable {
  #search;
  #found;
  #openHost;
  #sort = 'name';
  #turned = false;
  #all = false;
  #drawn = null;
  #body = h('tbody');
  #heads;
  #more = h('button', { type: 'button', class: 'more' });

  constructor(box, search, found, openHost) {
    this.#search = search;
    this.#found = found;
    this.#openHost = openHost;
    this.#heads = COLUMNS.map(column => h('th', { scope: 'col' }, h('button', { type: 'button', onclick: () => this.#sortBy(column.key) }, column.name)));
    box.append(h('table', { class: 'hosts' }, h('thead', {}, h('tr', {}, this.#heads)), this.#body), this.#more);
    search.addEventListener('input', () => this.#again());
    this.#more.addEventListener('click', () => {
      this.#all = true;
      this.#again();
    });
  }

  draw(view, history, now, dark) {
    this.#drawn = { view, history, now, dark };
    this.#again();
  }

  #sortBy(key) {
    this.#turned = this.#sort === key && !this.#turned;
    this.#sort = key;
    this.#again();
  }

  #again() {
    if (!this.#drawn) return;
    const { view, history, now, dark } = this.#drawn;
    const wanted = this.#search.value.trim().toLowerCase();
    const all = view.hosts.map((host, place) => ({ host, place, reach: reach(view, place), rates: history.of(host.id), last: history.last(host.id, now) }));
    for (const row of all) row.speed = row.last ? row.last.received + row.last.sent : -1;
    const fitting = wanted ? all.filter(row => text(row, view).includes(wanted)) : all;
    const column = COLUMNS.find(one => one.key === this.#sort);
    fitting.sort((a, b) => (this.#turned ? -1 : 1) * column.compare(a, b) || natural(a.host.name, b.host.name));
    const shown = this.#all ? fitting : fitting.slice(0, FEW);
    keyed(this.#body, shown, row => row.host.id, row => this.#make(row), (line, row) => update(line, row, view, now, dark));
    this.#heads.forEach((head, i) => setAttribute(head, 'aria-sort', COLUMNS[i].key === this.#sort ? this.#turned ? 'descending' : 'ascending' : 'none'));
    this.#more.hidden = shown.length === fitting.length;
    setText(this.#more, `Show all ${fitting.length}`);
    setText(this.#found, wanted ? `${fitting.length} of ${plural(all.length, 'host')}` : plural(all.length, 'host'));
  }

  #make({ host }) {
    const cell = (name, ...children) => h('td', { 'data-name': name }, children);
    const line = {
      state: h('span', { class: 'state' }), swatch: h('span', { class: 'swatch', 'aria-hidden': 'true' }),
      name: h('button', { type: 'button', class: 'link name', onclick: () => this.#openHost(host.id) }), marks: h('span', { class: 'marks' }),
      subnet: cell('Subnet'), address: cell('Address'), reach: cell('Reaches'), up: cell('Up for'),
      canvas: h('canvas', { 'aria-hidden': 'true' }), received: h('span', { class: 'received' }), sent: h('span', { class: 'sent' }),
    };
    line.element = h('tr', {}, cell('State', line.state), h('th', { scope: 'row' }, line.swatch, line.name, line.marks), line.subnet, line.address, line.reach,
      h('td', { 'data-name': 'Traffic', class: 'traffic' }, line.canvas, h('span', { class: 'rates' }, line.received, line.sent)), line.up);
    return line;
  }
}

function update(line, row, view, now, dark) {
  const { host, place, reach, last } = row;
  const state = HOST[host.state];
  if (line.drawn !== host.state) {
    line.drawn = host.state;
    line.state.replaceChildren(sign(host.state), h('span', {}, state.word));
    line.element.className = state.tone;
  }
  line.state.title = host.problem ?? state.word;
  line.swatch.hidden = view.hosts.length > HUES;
  line.swatch.style.background = hueColour(place, dark);
  setText(line.name, host.name);
  setText(line.marks, marks(host, place, view));
  setText(line.subnet, host.subnets.join(' ') || '–');
  setText(line.address, host.publicIps.join(' ') || host.address || '–');
  setText(line.reach, reach.all ? `${reach.good} of ${reach.all}` : '–');
  setAttribute(line.reach, 'class', reach.bad ? 'bad' : '');
  setText(line.received, last ? `↓ ${rate(last.received)}` : host.traffic ? '↓ –' : '');
  setText(line.sent, last ? `↑ ${rate(last.sent)}` : host.traffic ? '↑ –' : 'no tunnel device');
  setText(line.up, host.ageSeconds > 12 ? `said ${duration(host.ageSeconds)} ago` : duration(host.upSeconds));
  line.canvas.hidden = !host.traffic;
  if (host.traffic) plot(line.canvas, row.rates, now, 150, 30);
}

/** Ways that are good in the eyes of this host, of all that it should have. */
function reach(view, place) {
  const row = view.ways.states[place];
  let good = 0;
  let bad = 0;
  let all = 0;
  for (let other = 0; other < row.length; other++) {
    const letter = row[other];
    if (letter === '.') continue;
    all++;
    if (letter === 'a' || letter === 'p') good++;
    if (WAY[letter].bad && isThere(view.hosts[other])) bad++;
  }
  return { good, bad, all };
}

function text({ host, place }, view) {
  return [host.name, host.id, host.address, ...host.subnets, ...host.publicIps, ...host.roles, HOST[host.state].word, marks(host, place, view), host.problem].join(' ').toLowerCase();
}
