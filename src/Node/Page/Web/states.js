// What each state is called, and how it looks: colour is never the only sign.

import { s } from './dom.js';

/** Of a host: HostState.cs. */
export const HOST = {
  ok: { word: 'ready', tone: 'ok', rank: 0 },
  unknown: { word: 'not asked yet', tone: 'dim', rank: 1 },
  joining: { word: 'joining', tone: 'dim', rank: 2 },
  leaving: { word: 'leaving', tone: 'dim', rank: 3 },
  away: { word: 'away, lease kept', tone: 'warn', rank: 4 },
  notReady: { word: 'not ready', tone: 'warn', rank: 5 },
  silent: { word: 'does not answer', tone: 'bad', rank: 6 },
  unreachable: { word: 'unreachable', tone: 'bad', rank: 7 },
};

/** That nobody reaches a host that is down is no news. */
export function isThere(host) {
  return host.state !== 'unreachable' && host.state !== 'away' && host.state !== 'leaving';
}

/** Of a way from one host to another: PageWayLetters. The order is that of the legend. */
export const WAY = {
  a: { word: 'answers', many: 'answer', style: 'answers', bad: false },
  p: { word: 'programmed', many: 'programmed, not probed', style: 'programmed', bad: false },
  l: { word: 'loses packets', many: 'lose packets', style: 'lossy', bad: true },
  f: { word: 'loses full-size packets', many: 'lose full-size packets', style: 'lossy', bad: true },
  s: { word: 'silent', many: 'silent', style: 'silent', bad: true },
  w: { word: 'waiting', many: 'waiting', style: 'waiting', bad: false },
  '-': { word: 'not known', many: 'not known', style: 'unknown', bad: false },
};

/** The worse of the two directions; what nobody knows says nothing. */
const WORST = 'sflwpa-.';

export function worse(a, b) {
  return WORST.indexOf(a) <= WORST.indexOf(b) ? a : b;
}

const SHAPES = {
  ok: () => [s('circle', { cx: 8, cy: 8, r: 7, class: 'fill' }), s('path', { d: 'M4.6 8.3 7 10.700l4.5-5.2', class: 'cut' })],
  notReady: () => [s('path', { d: 'M8 1.3 15.3 14H.700z', class: 'fill' }), s('path', { d: 'M8 5.800v4M8 11.600v.6', class: 'cut' })],
  silent: () => [s('circle', { cx: 8, cy: 8, r: 6.2, class: 'edge' }), s('path', { d: 'M5 8h.01M8 8h.01M11 8h.010', class: 'edge dots' })],
  unreachable: () => [s('path', { d: 'M8 .5 15.5 8 8 15.5.500 8z', class: 'fill' }), s('path', { d: 'M5.6 5.600l4.8 4.800M10.4 5.600l-4.8 4.8', class: 'cut' })],
  joining: () => [s('circle', { cx: 8, cy: 8, r: 6.2, class: 'edge' }), s('path', { d: 'M5.2 8h5.200M8.2 5.6 10.6 8 8.2 10.4', class: 'edge' })],
  leaving: () => [s('circle', { cx: 8, cy: 8, r: 6.2, class: 'edge' }), s('path', { d: 'M10.8 8H5.600M7.8 5.6 5.4 8l2.4 2.4', class: 'edge' })],
  away: () => [s('circle', { cx: 8, cy: 8, r: 6.2, class: 'edge dashed' }), s('path', { d: 'M5.5 8h5', class: 'edge' })],
  unknown: () => [s('circle', { cx: 8, cy: 8, r: 6.2, class: 'edge dashed' })],
};

/** The sign of a host's state; the word stands beside it or in a title. */
export function sign(state, attributes = {}) {
  return s('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', ...attributes, class: `sign ${HOST[state].tone}` }, ...SHAPES[state]());
}

/** A host's own hue, by its place: far from its neighbours', and none of those that mean a state. */
export function hue(place) {
  return Math.round(185 + (0.17 + place * 0.618) % 1 * 155);
}

/** More hosts than this cannot be told apart by hue. */
export const HUES = 24;

export function hueColour(place, dark) {
  return `hsl(${hue(place)} ${dark ? 52 : 58}% ${dark ? 62 : 46}%)`;
}
