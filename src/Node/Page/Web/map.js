// Up to some forty hosts as a ring, with a line for each pair. Its colour, its dashes and its badge all say the same.

import { h, s } from './dom.js';
import { natural, plural, roundTrip, shorten } from './format.js';
import { HOST, hueColour, isThere, sign, WAY, worse } from './states.js';

/** More hosts than this are a matrix: lines would be a grey disc. */
export const MOST = 40;

const CARDS = 8;

/** More badges than this would hide the lines that they stand on. */
const BADGES = 12;

/** Draws anew: some hundred elements every two seconds are nothing, and the focus is put back where it was. */
export function drawMap(box, view, openHost) {
  const width = box.clientWidth;
  if (!width) return;
  const places = view.hosts.map((host, place) => ({ host, place })).sort((a, b) => natural(a.host.name, b.host.name));
  const cards = places.length <= (width < 480 ? 6 : CARDS);
  const height = cards ? places.length > 6 ? 440 : width < 480 ? 300 : 370 : Math.min(width, 620);
  const nodes = layout(places, width, height, cards);
  const focused = box.contains(document.activeElement) ? document.activeElement.getAttribute('data-host') : null;
  const links = s('g', { class: 'links' });
  const badges = s('g', { class: 'badges' });
  nodes.forEach((a, i) => nodes.forEach((b, j) => i < j && pair(links, badges, view, a, b, width, height, cards, nodes.length)));
  const drawing = s('svg', { class: 'ring', viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': `Map of ${nodes.length} hosts` },
    links, badges, s('g', { class: 'nodes' }, nodes.map(node => cards ? card(node, view, openHost) : dot(node, view, openHost, height))));
  for (const kind of ['pointerenter', 'focusin'])
    for (const node of drawing.querySelectorAll('.node')) node.addEventListener(kind, () => mark(drawing, node.getAttribute('data-host')));
  for (const kind of ['pointerleave', 'focusout'])
    for (const node of drawing.querySelectorAll('.node')) node.addEventListener(kind, () => mark(drawing, null));
  if (badges.querySelectorAll('.badge').length > BADGES)
    for (const badge of badges.querySelectorAll('.badge')) badge.remove();
  drawing.classList.toggle('dense', nodes.length > 12);
  box.replaceChildren(drawing);
  if (focused !== null) drawing.querySelector(`.node[data-host="${CSS.escape(focused)}"]`)?.focus();
  else if (box.hovered) mark(drawing, box.hovered);
}

function layout(places, width, height, cards) {
  const [halfWidth, halfHeight] = cards ? cardSize(width, places.length).map(side => side / 2) : [0, 0];
  const radiusX = cards ? width / 2 - halfWidth - 4 : Math.min(width, height) / 2 - 86;
  const radiusY = cards ? height / 2 - halfHeight - 6 : radiusX;
  // Two stand side by side; a ring of dots has none at the very top, where its name would stand on end.
  const start = places.length === 2 ? Math.PI : cards ? -Math.PI / 2 : -Math.PI / 2 + Math.PI / places.length;
  const angles = places.map((_, i) => start + i * 2 * Math.PI / places.length);
  // A triangle is higher above its middle than below: it is moved and stretched until it fills the height.
  const fit = places.length < 3 ? y => y : stretch(angles.map(Math.sin));
  return places.map(({ host, place }, i) => ({
    host, place, angle: angles[i], halfWidth, halfHeight,
    x: width / 2 + (places.length === 1 ? 0 : radiusX * Math.cos(angles[i])),
    y: height / 2 + (places.length === 1 ? 0 : radiusY * fit(Math.sin(angles[i]))),
  }));
}

function stretch(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return value => (value - low) / (high - low) * 2 - 1;
}

function cardSize(width, hosts) {
  return width < 480 ? [124, 58] : hosts <= 6 ? [172, 72] : [146, 64];
}

function pair(links, badges, view, a, b, width, height, cards, count) {
  const there = view.ways.states[a.place][b.place];
  const back = view.ways.states[b.place][a.place];
  // Two lines where there is room for them and something to tell apart.
  if (cards && count <= 6) {
    way(links, badges, view, a, b, there, 14, width, height);
    way(links, badges, view, b, a, back, 14, width, height);
  } else {
    way(links, badges, view, a, b, worse(there, back), 0, width, height, back);
  }
}

function way(links, badges, view, a, b, letter, bow, width, height, other = null) {
  const { style, bad, word } = WAY[letter];
  const expected = bad && !bow && !(isThere(a.host) && isThere(b.host));
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  // To the right of the way for two lines; else towards the middle, so that lines along the ring do not run through hosts.
  const [pullX, pullY] = bow ? [-dy / length * bow * 2, dx / length * bow * 2] : [(width / 2 - (a.x + b.x) / 2) * 0.35, (height / 2 - (a.y + b.y) / 2) * 0.35];
  const [cx, cy] = [(a.x + b.x) / 2 + pullX, (a.y + b.y) / 2 + pullY];
  const trip = view.ways.roundTrips[a.place]?.[b.place];
  const text = other === null || other === '-'
    ? `${a.host.name} → ${b.host.name}: ${word}${trip ? `, ${roundTrip(trip)}` : ''}`
    : `${a.host.name} → ${b.host.name}: ${WAY[view.ways.states[a.place][b.place]].word}; back: ${WAY[other].word}`;
  const path = s('path', { d: `M${a.x.toFixed(1)} ${a.y.toFixed(1)}Q${cx.toFixed(1)} ${cy.toFixed(1)} ${b.x.toFixed(1)} ${b.y.toFixed(1)}`, class: `way ${style}${expected ? ' expected' : ''}`, 'data-a': a.host.id, 'data-b': b.host.id }, s('title', {}, text));
  if (bad) links.append(path);
  else links.prepend(path);
  const at = t => [(1 - t) ** 2 * a.x + 2 * t * (1 - t) * cx + t * t * b.x, (1 - t) ** 2 * a.y + 2 * t * (1 - t) * cy + t * t * b.y];
  if (expected) return;
  if (bad) {
    const [x, y] = at(bow ? 0.6 : 0.5);
    badges.append(s('g', { class: `badge ${style}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` }, s('circle', { r: 8 }), s('path', { d: letter === 's' ? 'M-3-3 3 3M3-3-3 3' : 'M0-4V1M0 3.600V4' }), s('title', {}, text)));
  } else if (bow && letter !== '-') {
    // Which way it goes.
    const [x, y] = at(0.56);
    const [nearX, nearY] = at(0.54);
    badges.append(s('path', { class: `arrow ${style}`, d: 'M-7-4.5 3 0-7 4.5', transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${(Math.atan2(y - nearY, x - nearX) * 180 / Math.PI).toFixed(1)})` }));
    if (trip && length > 210) {
      // Beside the line: a text is wide and not high.
      const [textX, textY] = at(0.44);
      const [besideX, besideY] = [-dy / length, dx / length];
      const away = Math.abs(besideX) * 26 + Math.abs(besideY) * 11;
      badges.append(s('text', { class: 'trip', x: (textX + besideX * away).toFixed(1), y: (textY + besideY * away + 4).toFixed(1) }, roundTrip(trip)));
    }
  }
}

function node(kind, { host, x, y }, view, openHost, ...children) {
  const state = HOST[host.state];
  return s('g', {
    class: `node ${kind} ${state.tone}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, tabindex: 0, role: 'button', 'data-host': host.id,
    'aria-label': `${host.name}, ${state.word}, ${host.subnets.join(' and ') || 'no subnet'}`,
    onclick: () => openHost(host.id),
    onkeydown: event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      openHost(host.id);
    },
  }, children);
}

function card(at, view, openHost) {
  const { host, place, halfWidth, halfHeight } = at;
  const [left, top] = [-halfWidth, -halfHeight];
  const room = Math.floor((halfWidth * 2 - 48) / 8.2);
  const stripe = s('path', { class: 'stripe', d: `M${left + 0.5} ${top + 8}a8 8 0 0 1 5-7.400V${halfHeight - 0.6}a8 8 0 0 1-5-7.400z` });
  stripe.style.fill = hueColour(place, matchMedia('(prefers-color-scheme: dark)').matches);
  const drawn = sign(host.state, { x: halfWidth - 26, y: top + 10 });
  return node('card', at, view, openHost,
    s('rect', { x: left, y: top, width: halfWidth * 2, height: halfHeight * 2, rx: 8 }),
    stripe, drawn,
    s('text', { class: 'name', x: left + 16, y: top + 23 }, shorten(host.name, room)),
    s('text', { class: 'subnet', x: left + 16, y: top + 41 }, shorten(host.subnets[0] ?? 'no subnet', room + 6)),
    halfHeight > 30 ? s('text', { class: 'roles', x: left + 16, y: top + 58 }, shorten(marks(host, place, view), room + 6)) : null,
    s('title', {}, `${host.name}: ${HOST[host.state].word}`));
}

function dot(at, view, openHost, height) {
  const { host, place, angle } = at;
  const turned = Math.cos(angle) < -0.001;
  const drawn = sign(host.state, { x: -9, y: -9, width: 18, height: 18 });
  const label = s('text', { class: 'name', y: 4, x: turned ? -16 : 16, 'text-anchor': turned ? 'end' : 'start', transform: `rotate(${((angle * 180 / Math.PI) + (turned ? 180 : 0)).toFixed(1)})` },
    shorten(host.name, 11), place === view.cluster.allocator ? ' ◆' : '');
  return node('dot', at, view, openHost, s('circle', { r: 12, class: 'hit' }), drawn, label, s('title', {}, `${host.name}: ${HOST[host.state].word}, ${host.subnets.join(' and ')}`));
}

/** What a host is besides being one. */
export function marks(host, place, view) {
  const all = [];
  if (host.self) all.push('this node');
  if (place === view.cluster.allocator) all.push('allocator');
  else if (host.core) all.push('core');
  return all.join(' · ');
}

/** One host's lines stand out, the others fade. */
function mark(drawing, id) {
  drawing.parentElement && (drawing.parentElement.hovered = id);
  drawing.classList.toggle('marked', id !== null);
  for (const path of drawing.querySelectorAll('.way')) path.classList.toggle('mine', path.dataset.a === id || path.dataset.b === id);
}

export function legend(counts) {
  return Object.entries(WAY).filter(([letter]) => counts[letter] > 0).map(([letter, { word, many, style }]) => h('span', { class: 'key' },
    s('svg', { viewBox: '0 0 28 10', width: 28, height: 10, 'aria-hidden': 'true' }, s('path', { d: 'M1 5h26', class: `way ${style}` })),
    `${plural(counts[letter], 'way')} ${counts[letter] === 1 ? word : many}`));
}
