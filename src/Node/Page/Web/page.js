// Puts the page together: asks the node, and hands each answer to whoever draws a part of it.

import { h, setText } from './dom.js';
import { Details } from './details.js';
import { drawEvents } from './events.js';
import { Feed } from './feed.js';
import { count, duration, plural } from './format.js';
import { History } from './history.js';
import { HostTable } from './hosts.js';
import { drawMap, legend, MOST } from './map.js';
import { Matrix } from './matrix.js';
import { drawPools } from './pool.js';
import { drawTiles } from './tiles.js';
import { drawVerdict, problems, wayCounts } from './verdict.js';

const part = id => document.getElementById(id);
const dark = matchMedia('(prefers-color-scheme: dark)');
const past = new History();
const details = new Details(part('details'));
const openHost = id => {
  details.open(id);
  draw();
};
const table = new HostTable(part('hosts'), part('search'), part('found'), openHost);
const matrix = new Matrix(openHost);
let view = null;
let heard = 0;
let wish = null;

function draw() {
  if (!view) return;
  const now = Math.max(heard, Date.now() - 2000);
  const found = problems(view);
  setText(part('network'), [view.self.network, ...(view.network ? [view.network.networks.join(' and '), view.network.backEnd, `MTU ${view.network.mtu}`] : ['no network yet'])].filter(Boolean).join(' · '));
  drawVerdict(part('verdict'), view, found, openHost);
  drawTiles(part('tiles'), view, past, now);
  drawReach();
  drawPools(part('pool'), view, dark.matches);
  drawEvents(part('events'), view);
  table.draw(view, past, now, dark.matches);
  details.draw(view, past, now);
  setText(part('footer'), `As ${view.self.name} (${view.self.version}) sees it · ${plural(view.hosts.length, 'host')}, configuration ${view.network ? `version ${view.network.version}, ledger revision ${count(view.network.revision)}` : 'not known'}`);
  document.title = `${found.length ? `(${found.length}) ` : ''}${plural(view.hosts.length, 'host')} · AkkaOverlay`;
}

/** The ring for some hosts, the matrix for many; for some, whichever is wanted. */
function drawReach() {
  const box = part('map');
  const few = view.hosts.length <= MOST;
  const shown = few ? wish ?? 'ring' : 'matrix';
  const tabs = part('map-tabs');
  const key = few ? shown : '';
  if (tabs.key !== key) {
    tabs.key = key;
    tabs.replaceChildren(...few && view.hosts.length > 2 ? ['ring', 'matrix'].map(kind => h('button', { type: 'button', 'aria-pressed': String(kind === shown), onclick: () => show(kind) }, kind)) : []);
  }
  if (shown === 'ring') {
    drawMap(box, view, openHost);
  } else {
    if (matrix.element.parentElement !== box) box.replaceChildren(matrix.element);
    matrix.draw(view, box.clientWidth);
  }
  part('map-legend').replaceChildren(...legend(wayCounts(view)));
}

function show(kind) {
  wish = kind;
  drawReach();
}

function onView(next, now) {
  view = next;
  heard = now;
  past.add(view, now);
  part('main').hidden = false;
  const asked = new URLSearchParams(location.hash.slice(1)).get('host');
  if (asked && !part('details').open) details.open(asked);
  draw();
}

function onState({ lost, heard: last, silence, trouble }) {
  document.body.classList.toggle('stale', lost);
  const banner = part('lost');
  banner.hidden = !lost;
  if (lost) setText(banner, `No word from the node${last === null ? '' : ` for ${duration(silence / 1000)}`}: ${trouble ?? 'it does not answer'}.${last === null ? '' : ' What you see is old.'}`);
  part('live').className = `live ${lost ? 'bad' : last === null ? '' : 'ok'}`;
  setText(part('live-text'), lost ? 'connection lost' : last === null ? 'connecting' : 'live');
}

let width = 0;
new ResizeObserver(() => {
  // What is drawn changes the height: only another width asks for another drawing.
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  requestAnimationFrame(draw);
}).observe(document.body);
dark.addEventListener('change', draw);
window.addEventListener('hashchange', () => {
  const asked = new URLSearchParams(location.hash.slice(1)).get('host');
  if (asked) openHost(asked);
});
new Feed(onView, onState).start();
