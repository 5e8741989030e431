// What the counters of each host were lately, and so how fast they went. Kept in this page only.

const KEPT = 5 * 60_000;

export class History {
  #hosts = new Map();

  /** Takes a view's counters; those that were seen already say nothing new. */
  add(view, now) {
    const present = new Set();
    for (const host of view.hosts) {
      present.add(host.id);
      if (host.traffic) this.#addHost(host.id, host.traffic, now - (host.ageSeconds ?? 0) * 1000);
    }
    for (const id of this.#hosts.keys())
      if (!present.has(id)) this.#hosts.delete(id);
  }

  /** [{at, received, sent}], octets a second, the oldest first. */
  of(id) {
    return this.#hosts.get(id)?.rates ?? [];
  }

  /** The last rates, where they are not old. */
  last(id, now) {
    const rate = this.of(id).at(-1);
    return rate && now - rate.at < 30_000 ? rate : null;
  }

  /** All hosts together, in steps: each host counts with its last rate before the step. */
  total(now, step = 2000, steps = 60) {
    const sums = Array.from({ length: steps }, (_, i) => ({ at: now - (steps - 1 - i) * step, received: 0, sent: 0, known: false }));
    for (const { rates } of this.#hosts.values()) {
      let next = 0;
      for (const sum of sums) {
        while (next < rates.length && rates[next].at <= sum.at) next++;
        const rate = next > 0 ? rates[next - 1] : null;
        if (!rate || sum.at - rate.at > 20_000) continue;
        sum.received += rate.received;
        sum.sent += rate.sent;
        sum.known = true;
      }
    }
    return sums.filter(sum => sum.known);
  }

  #addHost(id, traffic, at) {
    let host = this.#hosts.get(id);
    if (!host) this.#hosts.set(id, host = { last: null, rates: [] });
    const last = host.last;
    if (last && traffic.clock === last.clock) return;
    host.last = traffic;
    // A process or a device that began anew counts from zero: the step across says nothing.
    if (last && traffic.clock > last.clock && traffic.receivedBytes >= last.receivedBytes && traffic.sentBytes >= last.sentBytes) {
      const seconds = (traffic.clock - last.clock) / 1000;
      host.rates.push({ at, received: (traffic.receivedBytes - last.receivedBytes) / seconds, sent: (traffic.sentBytes - last.sentBytes) / seconds });
      while (host.rates.length && at - host.rates[0].at > KEPT) host.rates.shift();
    }
  }
}
