// The overlay in five numbers.

import { h, keyed, setText } from './dom.js';
import { count, plural, rate } from './format.js';
import { plot } from './plot.js';

export function drawTiles(section, view, history, now) {
  const total = history.total(now);
  const last = total.at(-1);
  const tiles = [hosts(view), core(view), allocator(view), ...view.pools.map(pool => free(pool, view.pools.length > 1)), traffic(last)];
  keyed(section, tiles, tile => tile.name, make, (row, tile) => {
    setText(row.value, tile.value);
    setText(row.more, tile.more);
    row.element.className = `tile ${tile.tone ?? ''}`;
    if (tile.plot) plot(row.canvas, total, now, 132, 44);
  });
}

function make(tile) {
  const value = h('p', { class: 'value' });
  const more = h('p', { class: 'more' });
  const canvas = tile.plot ? h('canvas', { 'aria-hidden': 'true' }) : null;
  return { element: h('div', {}, h('h2', {}, tile.name), value, more, canvas), value, more, canvas };
}

function hosts(view) {
  const ready = view.hosts.filter(host => host.state === 'ok').length;
  const rest = view.hosts.length - ready;
  return { name: 'Hosts', value: count(view.hosts.length), more: rest ? `${ready} ready, ${rest} not` : 'all ready', tone: rest ? 'warn' : '' };
}

function core(view) {
  const { seats, coreReached } = view.cluster;
  const majority = Math.floor(seats / 2) + 1;
  const spare = coreReached - majority;
  return {
    name: 'Core',
    value: `${coreReached} of ${seats}`,
    more: spare < 0 ? `${plural(majority, 'host')} needed` : spare === 0 ? seats === 1 ? 'one keeps the ledger' : 'none may be lost' : `${spare} may be lost`,
    tone: spare < 0 ? 'bad' : coreReached < seats ? 'warn' : '',
  };
}

function allocator(view) {
  const { allocator, allocatorAnswers } = view.cluster;
  const name = allocator < 0 ? '–' : view.hosts[allocator].name;
  return {
    name: 'Allocator',
    value: name,
    more: allocatorAnswers === null ? 'not asked yet' : allocatorAnswers ? `answers, revision ${count(view.network?.revision ?? 0)}` : 'does not answer',
    tone: allocatorAnswers === false ? 'bad' : '',
  };
}

function free(pool, several) {
  return {
    name: several ? `Free ${pool.family} subnets` : 'Free subnets',
    value: count(pool.free),
    more: `of ${count(pool.count)} /${pool.length}`,
    tone: pool.free < 1 ? 'bad' : '',
  };
}

function traffic(last) {
  return {
    name: 'Traffic in tunnels',
    value: last ? rate(last.received) : '–',
    more: last ? 'received by all hosts' : 'after two answers',
    plot: true,
  };
}
