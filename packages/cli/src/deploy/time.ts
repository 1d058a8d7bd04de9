/** `0:07`, `12:05`, `1:02:03`: a timer, rounded down; never below 0, whatever two clocks say. */
export function timer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `80 ms`, `4.2 s`, `35 s`, `5 min 3 s`, `2 h 10 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const given = Math.max(0, Math.round(ms));
  if (given < 1_000) return `${given} ms`;
  if (given < 9_950) return `${(given / 1_000).toFixed(1)} s`;
  const seconds = Math.round(given / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(seconds, 60, 'min', 's');
  if (seconds < 172_800) return two(Math.round(seconds / 60), 60, 'h', 'min');
  return two(Math.round(seconds / 3_600), 24, 'd', 'h');
}

function two(count: number, size: number, large: string, small: string): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** ms since 1970 of an ISO 8601 time. */
export function at(timestamp: string): number {
  return new Date(timestamp).getTime();
}
