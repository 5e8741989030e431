// The whole overlay in one sentence, and what is wrong with it in a few more.

import { h } from './dom.js';
import { count, plural } from './format.js';
import { HOST, isThere, sign, WAY } from './states.js';

/** Hosts that are named in one line. */
const NAMED = 5;

/** [{weight, text, hosts}], the worst first. */
export function problems(view) {
  const found = [];
  const say = (weight, text, hosts = []) => found.push({ weight, text, hosts });
  const cluster = view.cluster;
  if (cluster.state === 'none') say('bad', 'This node has no connection to the cluster. Routes and tunnels stay as they are');
  else if (cluster.state !== 'Up') say('warn', `This node is ${cluster.state.toLowerCase()}${cluster.waitsFor ? `: ${cluster.waitsFor}` : ''}`);
  if (cluster.state === 'Up' && cluster.coreReached <= cluster.seats / 2)
    say('bad', `Only ${cluster.coreReached} of ${cluster.seats} core hosts are reached: no subnet can be given out`);
  else if (cluster.allocatorAnswers === false && cluster.state === 'Up')
    say('warn', 'The allocator does not answer: no subnet can be given out until it does');
  for (const state of ['unreachable', 'silent', 'notReady', 'away']) {
    const hosts = view.hosts.filter(host => host.state === state);
    if (hosts.length) say(HOST[state].tone, sentence(state, hosts), hosts);
  }
  const ways = badWays(view);
  if (ways.s) say('bad', `${plural(ways.s, 'way')} between hosts that are there ${ways.s === 1 ? 'is' : 'are'} silent: no probe comes back`);
  if (ways.f) say('bad', `${plural(ways.f, 'way')} between hosts ${ways.f === 1 ? 'loses' : 'lose'} packets of the full size: an MTU on the way`);
  if (ways.l) say('warn', `${plural(ways.l, 'way')} between hosts ${ways.l === 1 ? 'loses' : 'lose'} packets`);
  for (const pool of view.pools)
    if (pool.free < Math.max(1, pool.count * 0.02)) say('warn', `The ${pool.family} pool has ${plural(pool.free, 'free subnet')} left`);
  return found.sort((a, b) => (a.weight === 'bad' ? 0 : 1) - (b.weight === 'bad' ? 0 : 1));
}

/** How many ways are in which state, each direction by itself. */
export function wayCounts(view) {
  const counts = Object.fromEntries(Object.keys(WAY).map(letter => [letter, 0]));
  for (const row of view.ways.states)
    for (const letter of row)
      if (letter in counts) counts[letter]++;
  return counts;
}

/** Bad ways between hosts that are there: that nobody reaches one that is down is no news, and what it said last of others is none either. */
function badWays(view) {
  const counts = { s: 0, f: 0, l: 0 };
  view.ways.states.forEach((row, from) => {
    if (!isThere(view.hosts[from]) || view.hosts[from].state === 'silent') return;
    for (let to = 0; to < row.length; to++)
      if (row[to] in counts && isThere(view.hosts[to])) counts[row[to]]++;
  });
  return counts;
}

export function drawVerdict(section, view, found, openHost) {
  const bad = found.some(problem => problem.weight === 'bad');
  const state = bad ? 'unreachable' : found.length ? 'notReady' : 'ok';
  const key = JSON.stringify([state, headline(view, found), found.length ? null : goodWords(view), found.map(problem => [problem.text, problem.hosts.map(host => host.id)])]);
  if (section.key === key) return;
  section.key = key;
  section.className = `verdict ${HOST[state].tone}`;
  section.replaceChildren(
    sign(state, { width: 34, height: 34 }),
    h('div', {},
      h('p', { class: 'headline' }, headline(view, found)),
      found.length
        ? h('ul', {}, found.map(problem => h('li', { class: problem.weight }, names(problem.hosts, openHost), problem.text)))
        : h('p', { class: 'more' }, goodWords(view))));
}

function headline(view, found) {
  const hosts = view.hosts.length;
  if (!found.length) return hosts === 1 ? 'One host, and it is well' : `All ${hosts} hosts are well`;
  const ill = new Set(found.flatMap(problem => problem.hosts.map(host => host.id))).size;
  return ill ? `${ill} of ${plural(hosts, 'host')} ${ill === 1 ? 'needs' : 'need'} a look` : found[0].text;
}

function goodWords(view) {
  const ways = wayCounts(view);
  const all = Object.values(ways).reduce((sum, number) => sum + number, 0);
  if (!all) return 'There is nobody to reach yet.';
  if (ways.a === all) return `Every host reaches every other one: ${plural(all, 'way')} ${all === 1 ? 'answers' : 'answer'}.`;
  if (ways.a + ways.p < all) return `${count(ways.a + ways.p)} of ${plural(all, 'way')} between them are known to be good so far.`;
  return ways.a ? `${plural(ways.a, 'way')} between hosts answer; the other ${count(ways.p)} have what they need.` : 'Every host has what it needs to send to every other one.';
}

function sentence(state, hosts) {
  const one = hosts.length === 1;
  switch (state) {
    case 'unreachable': return ': no heartbeat. Traffic may go on all the same.';
    case 'silent': return ` ${one ? 'does' : 'do'} not answer this node.`;
    case 'notReady': return ` ${one ? 'is' : 'are'} not ready${one && hosts[0].problem ? `: ${hosts[0].problem}` : ''}.`;
    default: return ` ${one ? 'is' : 'are'} down or not there; ${one ? 'its lease and the routes to it' : 'their leases and the routes to them'} stay.`;
  }
}

/** The first of them by name, each to be looked at. */
function names(hosts, openHost) {
  const shown = hosts.length > NAMED + 1 ? hosts.slice(0, NAMED) : hosts;
  const rest = hosts.length - shown.length;
  return shown.flatMap((host, i) => [
    i === 0 ? null : i === shown.length - 1 && !rest ? ' and ' : ', ',
    h('button', { type: 'button', class: 'link', onclick: () => openHost(host.id) }, host.name),
  ]).concat(rest ? ` and ${rest} more` : null);
}
