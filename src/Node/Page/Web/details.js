// Everything that is known of one host, beside the page.

import { h, keyed, setText } from './dom.js';
import { ago, duration, natural, rate, roundTrip } from './format.js';
import { marks } from './map.js';
import { plot } from './plot.js';
import { HOST, sign, WAY } from './states.js';

export class Details {
  #dialog;
  #id = null;
  #parts = null;

  constructor(dialog) {
    this.#dialog = dialog;
    dialog.addEventListener('close', () => {
      this.#id = null;
      if (location.hash) history.replaceState(null, '', ' ');
    });
    dialog.addEventListener('click', event => {
      if (event.target === dialog) dialog.close();
    });
  }

  open(id) {
    this.#id = id;
    history.replaceState(null, '', `#host=${encodeURIComponent(id)}`);
    this.#parts = this.#make();
  }

  draw(view, past, now) {
    if (this.#id === null) return;
    const place = view.hosts.findIndex(host => host.id === this.#id);
    if (place < 0) {
      this.#dialog.close();
      return;
    }
    const host = view.hosts[place];
    const parts = this.#parts;
    const last = past.last(host.id, now);
    parts.sign.replaceChildren(sign(host.state, { width: 22, height: 22 }));
    setText(parts.name, host.name);
    setText(parts.state, [HOST[host.state].word, marks(host, place, view)].filter(Boolean).join(' · '));
    parts.problem.hidden = !host.problem;
    setText(parts.problem, host.problem ?? '');
    keyed(parts.facts, facts(host).filter(fact => fact[1]), fact => fact[0], make, (row, fact) => setText(row.value, fact[1]));
    parts.traffic.hidden = !host.traffic;
    if (host.traffic) {
      plot(parts.canvas, past.of(host.id), now, Math.max(200, parts.canvas.parentElement.clientWidth), 90);
      setText(parts.rates, last ? `↓ ${rate(last.received)} received   ↑ ${rate(last.sent)} sent   by ${host.traffic.device}` : `by ${host.traffic.device}`);
    }
    keyed(parts.ways, ways(view, place), way => way.id, makeWay, (row, way) => {
      row.element.className = WAY[way.letter].bad ? 'bad' : '';
      setText(row.name, way.name);
      setText(row.there, WAY[way.letter].word);
      setText(row.trip, way.trip);
    });
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #make() {
    const parts = {
      sign: h('span'), name: h('h2', { id: 'details-name' }), state: h('p', { class: 'more' }), problem: h('p', { class: 'problem' }), facts: h('dl'),
      canvas: h('canvas', { 'aria-hidden': 'true' }), rates: h('p', { class: 'more' }), ways: h('tbody'),
    };
    parts.traffic = h('section', {}, h('h3', {}, 'Traffic, last 2 min'), parts.canvas, parts.rates);
    this.#dialog.replaceChildren(h('div', { class: 'sheet' },
      h('header', {}, parts.sign, h('div', {}, parts.name, parts.state), h('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => this.#dialog.close() }, '×')),
      parts.problem, parts.facts, parts.traffic,
      h('section', {}, h('h3', {}, 'Its ways to the others'), h('table', { class: 'ways' }, parts.ways))));
    return parts;
  }
}

function facts(host) {
  return [
    ['Subnet', host.subnets.join(', ')],
    ['Public address', host.publicIps.join(', ')],
    ['Cluster address', host.address],
    ['Membership', host.member ?? 'no member'],
    ['Roles', host.roles.join(', ')],
    ['Back ends', host.backEnds.join(', ')],
    ['Node id', host.id],
    ['Release', host.version],
    ['Up for', host.upSeconds === null ? null : duration(host.upSeconds)],
    ['Said so', host.self || host.ageSeconds === null ? null : ago(host.ageSeconds)],
    ['Seen by the allocator', host.lastSeenSeconds === null ? null : ago(host.lastSeenSeconds)],
  ];
}

function make(fact) {
  const value = h('dd');
  return { element: h('div', {}, h('dt', {}, fact[0]), value), value };
}

function makeWay() {
  const row = { name: h('th', { scope: 'row' }), there: h('td'), trip: h('td', { class: 'number' }) };
  row.element = h('tr', {}, row.name, row.there, row.trip);
  return row;
}

/** The bad ones first. */
function ways(view, place) {
  return view.hosts.map((host, other) => ({ id: host.id, name: host.name, letter: view.ways.states[place][other], trip: roundTrip(view.ways.roundTrips[place]?.[other]) }))
    .filter(way => way.letter !== '.')
    .sort((a, b) => WAY[b.letter].bad - WAY[a.letter].bad || natural(a.name, b.name));
}
