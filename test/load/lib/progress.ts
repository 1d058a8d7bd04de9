import type { WriteStream } from 'node:tty';
import { formatDuration } from './duration.ts';
import type { Progress } from './run-load.ts';

const BAR = 24;
/** Not on a terminal a line every so often is enough. */
const EVERY_SECONDS = 5;

/** One line that is rewritten on a terminal, and lines now and then elsewhere. */
export class ProgressLine {
  readonly #out: WriteStream;
  #ticks = 0;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  show(progress: Progress): void {
    this.#ticks += 1;
    if (this.#out.isTTY) this.#out.write(`\r\u001b[K${progressText(progress)}`);
    else if (this.#ticks % EVERY_SECONDS === 0) this.#out.write(`${progressText(progress)}\n`);
  }

  end(): void {
    if (this.#out.isTTY && this.#ticks > 0) this.#out.write('\r\u001b[K');
  }
}

function progressText({ elapsedMs, totalMs, run }: Progress): string {
  const share = totalMs === 0 ? 1 : Math.min(1, elapsedMs / totalMs);
  const done = Math.round(share * BAR);
  const last = run.series.points.at(-1);
  const parts = [
    `${run.name} [${'='.repeat(done)}${' '.repeat(BAR - done)}] ${formatDuration(elapsedMs)}/${formatDuration(totalMs)}`,
    `${run.active} VUs`,
  ];
  if (last) {
    parts.push(`${Math.round((last.requests * 1_000) / run.series.bucketMs)} requests/s`);
    if (last.requestMs) parts.push(`p95 ${formatDuration(last.requestMs.p95)}`);
    if (last.failed > 0) parts.push(`${last.failed} failed`);
    if (last.lost > 0) parts.push(`${last.lost} LOST`);
  }
  return parts.join(' · ');
}
