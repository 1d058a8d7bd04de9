// `npm run load -- smoke [flags]`: runs one load test against a cluster, tells what came of it, and exits as k6 does.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { CulvertError } from '@culvert/base';
import { clusterFor } from './lib/cluster.ts';
import { type Flags, parseFlags, scaleFor, USAGE } from './lib/flags.ts';
import { EXIT, type LoadScript, runLoad } from './lib/index.ts';
import type { LoadOptions } from './lib/options.ts';
import { ProgressLine } from './lib/progress.ts';
import { summaryText } from './lib/report/summary.ts';
import { writeReport } from './lib/report/write.ts';

const NAMES = ['smoke', 'average', 'stress', 'spike', 'breakpoint', 'soak'];
const AGENTS = 3;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, process.env);
  if (!flags) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  const script = await load(flags.script);
  const scale = scaleFor(script.options, flags);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  await using cluster = await clusterFor(flags, stop.signal);
  const progress = new ProgressLine(process.stderr);
  const result = await runLoad(script, cluster, {
    ...{ name: nameOf(flags.script), scale, seed: flags.seed, signal: stop.signal, options: optionsOf(script, flags) },
    onProgress: (now) => {
      if (!flags.quiet) progress.show(now);
    },
  });
  progress.end();
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `\n${summaryText(result)}\n`);
  if (flags.out !== undefined) {
    writeReport(flags.out, result);
    process.stderr.write(`load: the report is ${join(resolve(flags.out), 'report.html')}\n`);
  }
  return result.exitCode;
}

function optionsOf({ options }: LoadScript, { agents, scale }: Flags): LoadOptions {
  return { ...options, agents: agents ?? Math.max(1, Math.round((options.agents ?? AGENTS) * scale)) };
}

async function load(name: string): Promise<LoadScript> {
  const path = NAMES.includes(name) ? join(import.meta.dirname, `${name}.ts`) : resolve(name);
  if (!existsSync(path))
    throw new CulvertError('config_invalid', `there is no load test ${name}: ${NAMES.join(', ')}, or a file`);
  const script: Partial<LoadScript> = await import(pathToFileURL(path).href);
  if (typeof script.options !== 'object') throw new CulvertError('config_invalid', `${name} exports no options`);
  return { ...script, options: script.options };
}

function nameOf(script: string): string {
  return script.replace(/^.*[\\/]/, '').replace(/\.[cm]?[jt]s$/, '');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof CulvertError;
  const wrong = known && error.code === 'config_invalid';
  process.stderr.write(`load: ${known ? error.message : (error as Error).stack}\n${wrong ? `\n${USAGE}` : ''}`);
  process.exitCode = wrong ? EXIT.config : 1;
}
