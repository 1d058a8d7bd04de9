import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadResult } from '../result.ts';
import { reportHtml } from './html.ts';
import { plotRun } from './plot.ts';

/** `summary.json`, `report.html` and `load.svg` (if there is something to plot) in that folder, which is made. */
export function writeReport(folder: string, result: LoadResult): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, 'report.html'), reportHtml(result));
  if (result.series.length > 0) writeFileSync(join(folder, 'load.svg'), plotRun(result));
}
