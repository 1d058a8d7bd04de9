const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, ms, in its largest unit: `380 ms`, `4.2 s`, `42 s`, `3 min`, `5 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 0) return '0 s';
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `12 s ago`, `in 3 min`, `just now`. */
export function relative(at: number, now: number): string {
  const away = now - at;
  if (Math.abs(away) < 2 * SECOND) return 'just now';
  const whole = duration(Math.max(SECOND, Math.floor(Math.abs(away) / SECOND) * SECOND)).replace('.0', '');
  return away > 0 ? `${whole} ago` : `in ${whole}`;
}

/** In the browser's own time zone, to the second, with the zone's name. */
export function absolute(at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    timeZoneName: 'short',
  }).format(at);
}

/** For the axis of a chart, and lists of one day: `14:03:59`. */
export function clock(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at);
}
