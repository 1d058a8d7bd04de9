const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 1234567 → `1.2 MB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Bytes a second: `1.2 MB/s`. */
export function rate(perSecond: number): string {
  return `${bytes(perSecond)}/s`;
}

/** Grouped by a thin space, which no language takes for a decimal point: `12 345`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, '\u202f');
}

/** `1 node`, `2 nodes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Of 1: `99.95 %`; what is not whole is never rounded up to 100. */
export function percent(share: number, digits = 2): string {
  const factor = 10 ** digits;
  const floored = Math.floor(share * 100 * factor + 1e-9) / factor;
  return `${Number.isInteger(floored) ? floored : floored.toFixed(digits)} %`;
}
