// Any number of hosts: a row for each that sends, a column for each that is sent to. One cell in ninety thousand that is wrong must still be seen.

import { colour, h, setText, sharp } from './dom.js';
import { natural, roundTrip } from './format.js';
import { HOST, isThere, WAY } from './states.js';

const WIDEST = 580;
const EDGE = 8;

export class Matrix {
  #canvas = h('canvas', { tabindex: 0, role: 'img', class: 'grid' });
  #words = h('p', { class: 'words', 'aria-live': 'polite' });
  #hint = 'Point at a cell, or use the arrow keys. Rows send, columns receive.';
  #order = [];
  #view = null;
  #at = null;
  #cell = 1;
  element = h('div', { class: 'matrix' }, this.#canvas, this.#words);

  constructor(openHost) {
    this.#canvas.addEventListener('pointermove', event => this.#go(this.#cellOf(event)));
    this.#canvas.addEventListener('pointerleave', () => this.#go(null));
    this.#canvas.addEventListener('click', event => {
      const cell = this.#cellOf(event);
      if (cell) openHost(this.#hostAt(cell.row).id);
    });
    this.#canvas.addEventListener('keydown', event => {
      const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      if (event.key === 'Enter' && this.#at) openHost(this.#hostAt(this.#at.row).id);
      if (!(event.key in steps)) return;
      event.preventDefault();
      const [down, right] = steps[event.key];
      const last = this.#order.length - 1;
      const from = this.#at ?? { row: -down, column: -right };
      this.#go({ row: Math.min(last, Math.max(0, from.row + down)), column: Math.min(last, Math.max(0, from.column + right)) });
    });
  }

  draw(view, width) {
    this.#view = view;
    this.#order = view.hosts.map((_, place) => place).sort((a, b) => natural(view.hosts[a].name, view.hosts[b].name));
    const size = Math.min(width, WIDEST);
    this.#cell = (size - EDGE) / Math.max(1, this.#order.length);
    this.#canvas.setAttribute('aria-label', `Matrix of ${this.#order.length} hosts: who reaches whom. ${this.#hint}`);
    this.#paint(size);
    this.#say();
  }

  #paint(size) {
    const context = sharp(this.#canvas, size, size);
    const colours = Object.fromEntries(Object.entries(WAY).map(([letter, { style }]) => [letter, colour(`way-${style}`)]));
    const tones = Object.fromEntries(['ok', 'warn', 'bad', 'dim'].map(tone => [tone, colour(tone)]));
    const gap = this.#cell > 5 ? 1 : 0;
    const order = this.#order;
    context.fillStyle = colour('ground');
    context.fillRect(EDGE, EDGE, size - EDGE, size - EDGE);
    const bad = [];
    // Pale, so that what is wrong stands out by its darkness too.
    context.globalAlpha = 0.4;
    order.forEach((sender, row) => {
      const states = this.#view.ways.states[sender];
      const letters = order.map(receiver => states[receiver]);
      letters.forEach((letter, column) => {
        if (letter in WAY && WAY[letter].bad && isThere(this.#view.hosts[order[column]])) bad.push([row, column, letter]);
      });
      // Small cells of one kind beside each other are one rectangle: three hundred hosts have ninety thousand cells.
      for (let column = 0, next; column < letters.length; column = next) {
        for (next = column + 1; !gap && next < letters.length && letters[next] === letters[column];) next++;
        if (letters[column] !== '.') this.#fill(context, row, column, colours[letters[column]], gap, 0, next);
      }
    });
    context.globalAlpha = 1;
    order.forEach((place, i) => {
      // Along both edges, how each host stands.
      const [at, long] = [this.#edge(i), this.#edge(i + 1) - this.#edge(i) - gap];
      context.fillStyle = tones[HOST[this.#view.hosts[place].state].tone];
      context.fillRect(0, at, EDGE - 3, long);
      context.fillRect(at, 0, long, EDGE - 3);
    });
    // Last and larger than their cells where those are small.
    const grow = Math.max(0, (5 - this.#cell) / 2);
    for (const [row, column, letter] of bad) {
      this.#fill(context, row, column, colours[letter], gap, grow);
      if (this.#cell >= 9) this.#cross(context, row, column, letter);
    }
    if (this.#at) this.#crosshair(context, size);
  }

  /** On whole pixels of the screen: cells with soft edges make a pattern of their own. */
  #edge(place) {
    const scale = window.devicePixelRatio || 1;
    return Math.round((EDGE + place * this.#cell) * scale) / scale;
  }

  #fill(context, row, column, fill, gap, grow = 0, end = column + 1) {
    context.fillStyle = fill;
    const [left, right, top, bottom] = [this.#edge(column), this.#edge(end), this.#edge(row), this.#edge(row + 1)];
    context.fillRect(left - grow, top - grow, right - left - gap + 2 * grow, bottom - top - gap + 2 * grow);
  }

  #cross(context, row, column, letter) {
    const [x, y, r] = [EDGE + (column + 0.5) * this.#cell, EDGE + (row + 0.5) * this.#cell, this.#cell / 4];
    context.strokeStyle = colour('panel');
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    if (letter === 's') {
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
    }
    context.stroke();
  }

  #crosshair(context, size) {
    context.fillStyle = colour('ink');
    context.globalAlpha = 0.35;
    const thick = Math.max(1, this.#cell);
    context.fillRect(EDGE, EDGE + this.#at.row * this.#cell, size - EDGE, thick);
    context.fillRect(EDGE + this.#at.column * this.#cell, EDGE, thick, size - EDGE);
    context.globalAlpha = 1;
  }

  #cellOf(event) {
    const box = this.#canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - EDGE) / this.#cell);
    const column = Math.floor((event.clientX - box.left - EDGE) / this.#cell);
    const count = this.#order.length;
    return row >= 0 && column >= 0 && row < count && column < count ? { row, column } : null;
  }

  #hostAt(place) {
    return this.#view.hosts[this.#order[place]];
  }

  #go(at) {
    if (!this.#view || (at?.row === this.#at?.row && at?.column === this.#at?.column)) return;
    this.#at = at;
    this.#paint(this.#canvas.clientWidth);
    this.#say();
  }

  #say() {
    if (!this.#at || this.#at.row >= this.#order.length || this.#at.column >= this.#order.length) {
      this.#at = null;
      setText(this.#words, this.#hint);
      return;
    }
    const [from, to] = [this.#order[this.#at.row], this.#order[this.#at.column]];
    const sender = this.#view.hosts[from];
    const trip = this.#view.ways.roundTrips[from]?.[to];
    setText(this.#words, from === to
      ? `${sender.name}: ${HOST[sender.state].word}`
      : `${sender.name} → ${this.#view.hosts[to].name}: ${WAY[this.#view.ways.states[from][to]].word}${trip ? `, ${roundTrip(trip)}` : ''}`);
  }
}
