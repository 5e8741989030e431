// The address pool as a picture: a cell for each subnet, or for some where there are too many.

import { colour, h, keyed, setText, sharp } from './dom.js';
import { count, duration, plural } from './format.js';
import { HUES, hueColour } from './states.js';

/** Larger pools are drawn by groups. */
const MOST_CELLS = 1536;

const STATES = [['held', 'leased'], ['reserved', 'reserved'], ['quarantined', 'in quarantine']];

export function drawPools(box, view, dark) {
  keyed(box, view.pools, pool => pool.family, make, (row, pool) => {
    row.pool = pool;
    row.view = view;
    setText(row.title, `${pool.network}, from ${pool.first} to ${pool.last}`);
    row.canvas.setAttribute('aria-label', `${pool.family} pool ${pool.network}: ${plural(pool.leased, 'subnet')} leased, ${count(pool.reserved)} reserved, ${count(pool.quarantined)} in quarantine, ${count(pool.free)} free`);
    paint(row, box.clientWidth, dark);
    row.legend.replaceChildren(...STATES.filter(([state]) => total(pool, state) > 0 || state === 'held').map(([state, word]) => key(state, `${count(total(pool, state))} ${word}`)), key('free', `${count(pool.free)} free`));
    say(row, null);
  });
}

function total(pool, state) {
  return state === 'held' ? pool.leased : pool[state];
}

function make() {
  const canvas = h('canvas', { role: 'img', class: 'cells' });
  const row = { canvas, title: h('p', { class: 'range' }), legend: h('div', { class: 'legend' }), words: h('p', { class: 'words' }) };
  row.element = h('div', { class: 'pool' }, row.title, canvas, row.words, row.legend);
  canvas.addEventListener('pointermove', event => say(row, event));
  canvas.addEventListener('pointerleave', () => say(row, null));
  return row;
}

function key(state, words) {
  return h('span', { class: 'key' }, h('span', { class: `cell ${state}`, 'aria-hidden': 'true' }), words);
}

function paint(row, width, dark) {
  const { pool, canvas } = row;
  const group = Math.max(1, Math.ceil(pool.count / MOST_CELLS));
  const cells = Math.ceil(pool.count / group);
  const size = Math.max(6, Math.min(16, Math.floor(Math.sqrt(width * 150 / cells))));
  const columns = Math.max(1, Math.floor(width / size));
  Object.assign(row, { group, size, columns, cells });
  const context = sharp(canvas, columns * size, Math.ceil(cells / columns) * size);
  const byCell = new Map();
  for (const subnet of pool.taken) {
    const cell = Math.floor(subnet.index / group);
    const there = byCell.get(cell);
    if (there) there.push(subnet);
    else byCell.set(cell, [subnet]);
  }
  row.byCell = byCell;
  const many = row.view.hosts.length > HUES;
  for (let cell = 0; cell < cells; cell++) {
    const [x, y] = [cell % columns * size, Math.floor(cell / columns) * size];
    const taken = byCell.get(cell);
    context.beginPath();
    context.roundRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5, size > 9 ? 3 : 1.5);
    context.fillStyle = colourOf.free ??= colour('free');
    context.fill();
    if (!taken) continue;
    if (group > 1) {
      context.globalAlpha = 0.25 + 0.75 * taken.length / group;
      context.fillStyle = colour('held');
      context.fill();
      context.globalAlpha = 1;
    } else {
      draw(context, taken[0], x, y, size, many || taken[0].host < 0 ? colour('held') : hueColour(taken[0].host, dark));
    }
  }
  colourOf.free = null;
}

const colourOf = { free: null };

/** Leased: full. Reserved: an outline with a stroke. In quarantine: a ring with a hole. */
function draw(context, subnet, x, y, size, fill) {
  if (subnet.state === 'held') {
    context.fillStyle = fill;
    context.fill();
    return;
  }
  const tint = colour(subnet.state);
  context.strokeStyle = context.fillStyle = tint;
  if (subnet.state === 'reserved') {
    context.lineWidth = 1.5;
    context.stroke();
    context.beginPath();
    context.moveTo(x + size * 0.25, y + size * 0.75);
    context.lineTo(x + size * 0.75, y + size * 0.25);
    context.stroke();
  } else {
    context.fill();
    context.beginPath();
    context.arc(x + size / 2, y + size / 2, size / 5, 0, 7);
    context.fillStyle = colour('panel');
    context.fill();
  }
}

function say(row, event) {
  const usual = row.group > 1 ? `A cell is ${plural(row.group, 'subnet')}.` : `A cell is one /${row.pool.length}.`;
  if (!event) {
    setText(row.words, usual);
    return;
  }
  const box = row.canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / row.size);
  const cell = Math.floor((event.clientY - box.top) / row.size) * row.columns + column;
  if (column < 0 || column >= row.columns || cell < 0 || cell >= row.cells) {
    setText(row.words, usual);
    return;
  }
  const taken = row.byCell.get(cell) ?? [];
  setText(row.words, row.group > 1 ? `${taken.length} of ${row.group} taken` : taken.length ? describe(taken[0]) : `number ${cell + 1} of ${count(row.pool.count)}: free`);
}

function describe({ subnet, state, name, leftSeconds }) {
  if (state === 'held') return `${subnet}: ${name}`;
  if (state === 'reserved') return `${subnet}: kept for ${name}`;
  return `${subnet}: in quarantine after ${name || 'an earlier host'}${leftSeconds === null ? '' : `, another ${duration(leftSeconds)}`}`;
}
