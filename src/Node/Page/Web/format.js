// Numbers and times for people.

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Octets a second, in bits as links are measured: "12.4 Mbit/s". */
export function rate(bytesPerSecond) {
  if (!Number.isFinite(bytesPerSecond)) return '–';
  let value = bytesPerSecond * 8;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${digits(value)} ${UNITS[unit]}bit/s`;
}

/** Three digits at most that mean something. */
function digits(value) {
  return value >= 100 || value === 0 ? value.toFixed(0) : value >= 10 ? value.toFixed(1).replace('.0', '') : value.toFixed(value < 1 ? 0 : 1);
}

export function roundTrip(microseconds) {
  if (!microseconds) return '';
  const ms = microseconds / 1000;
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

export function ago(seconds) {
  return seconds < 2 ? 'now' : `${duration(seconds)} ago`;
}

export function count(number) {
  return number < 1e15 ? number.toLocaleString('en-US') : `2^${Math.round(Math.log2(number))}`;
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** h2 before h10. */
export function natural(a, b) {
  return collator.compare(a, b);
}

export function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
