// What happened lately.

import { h, keyed, s, setText } from './dom.js';
import { ago } from './format.js';

const SHOWN = 40;

const SIGNS = {
  lease: 'M3 4.500h10v7H3zM6.5 4.500v7',
  member: 'M8 3v10M3 8h10',
  repair: 'M4 12l5-5M9 7a2.5 2.5 0 1 0 3.5-3.500L11 5',
  network: 'M8 3v4M8 7 4 12M8 7l4 5',
  ledger: 'M4 3h8v10H4zM6 6h4M6 9h4',
  other: 'M8 5v3.500M8 11v.2',
};

export function drawEvents(element, view) {
  const events = view.events.slice(0, SHOWN);
  keyed(element, events.length ? events : [{ key: 'none', text: 'Nothing has happened since this node was started.', weight: 'normal', kind: 'other', host: '', ageSeconds: null }], event => event.key, make, (row, event) => {
    setText(row.host, event.host);
    setText(row.text, event.text);
    setText(row.age, event.ageSeconds === null ? '' : ago(event.ageSeconds));
  });
}

function make(event) {
  const row = { host: h('b'), text: h('span', { class: 'text' }), age: h('time') };
  row.element = h('li', { class: event.weight },
    s('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, s('path', { d: SIGNS[event.kind] ?? SIGNS.other })),
    h('span', { class: 'what' }, row.host, ' ', row.text, event.weight === 'normal' ? null : h('span', { class: 'unseen' }, ` (${event.weight})`)), row.age);
  return row;
}
