// Small plots of traffic: what is received above the line, what is sent below it.

import { colour, sharp } from './dom.js';

export const SPAN = 2 * 60_000;

/** Draws rates of the last two minutes; the scale is that of its own highest value. */
export function plot(canvas, rates, now, width, height) {
  const context = sharp(canvas, width, height);
  const shown = rates.filter(rate => now - rate.at <= SPAN);
  const most = Math.max(1, ...shown.map(rate => Math.max(rate.received, rate.sent)));
  const middle = Math.round(height / 2);
  context.fillStyle = colour('line');
  context.fillRect(0, middle, width, 1);
  if (shown.length < 2) return;
  const x = rate => width - (now - rate.at) / SPAN * width;
  const reach = middle - 1;
  half(context, shown, x, rate => middle - rate.received / most * reach, middle, colour('received'));
  half(context, shown, x, rate => middle + 1 + rate.sent / most * reach, middle + 1, colour('sent'));
}

function half(context, rates, x, y, base, fill) {
  context.beginPath();
  context.moveTo(x(rates[0]), base);
  for (const rate of rates) context.lineTo(x(rate), y(rate));
  context.lineTo(x(rates.at(-1)), base);
  context.closePath();
  context.fillStyle = fill;
  context.globalAlpha = 0.28;
  context.fill();
  context.globalAlpha = 1;
  context.beginPath();
  rates.forEach((rate, i) => i ? context.lineTo(x(rate), y(rate)) : context.moveTo(x(rate), y(rate)));
  context.strokeStyle = fill;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.stroke();
}
