import { parseArgs } from 'node:util';
import { CulvertError } from '@culvert/base';
import { parseDuration } from './duration.ts';
import type { LoadOptions, Scale } from './options.ts';
import { UNSCALED } from './options.ts';
import { highestRate, longest, mostVus, resolveScenarios } from './scenarios.ts';

export const USAGE = `npm run load -- smoke | average | stress | spike | breakpoint | soak | FILE [flags]

  --vus N          so many VUs at the busiest moment, the rest in proportion
  --rate N         so many iterations per second at the busiest moment, of scenarios with an arrival rate
  --duration D     as long as this in all (30s, 1h30m), the parts in proportion
  --scale X        X times the VUs, rates and agents
  --agents N       so many agents
  --seed N         of the bytes and of chance; default 1
  --out DIR        write summary.json, report.html and load.svg there
  --json           the summary as JSON on stdout, progress on stderr
  --quiet          no progress

  The cluster is one of its own, ended afterwards (--workers N, default 3; --gateways N, default 1), unless another is named:
  --data-dir DIR   the local cluster with that data folder
  --api URL        that API; the key of an admin in CULVERT_KEY, or --key

  Exit codes as k6 has them: 0 all thresholds hold, 99 one does not, 104 the script or a flag is wrong, 105 ended by a signal,
  107 setup or teardown threw.
`;

export interface Flags {
  readonly script: string;
  readonly vus: number | undefined;
  readonly rate: number | undefined;
  readonly durationMs: number | undefined;
  readonly scale: number;
  readonly agents: number | undefined;
  readonly seed: number;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly workers: number;
  readonly gateways: number;
  readonly dataDir: string | undefined;
  readonly api: string | undefined;
  readonly key: string | undefined;
}

/** Undefined: help was asked for. Throws `config_invalid`. */
export function parseFlags(args: readonly string[], env: NodeJS.ProcessEnv): Flags | undefined {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean', default: false } as const;
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ vus: text, rate: text, duration: text, scale: text, agents: text, seed: text, out: text },
      ...{ workers: text, gateways: text, 'data-dir': text, api: text, key: text },
      ...{ json: yes, quiet: yes, help: yes },
    },
  });
  if (values.help) return undefined;
  const [script, ...more] = positionals;
  if (script === undefined || more.length > 0) throw new CulvertError('config_invalid', 'name one load test');
  const { vus, rate, duration, scale, agents, seed, out, workers, gateways, api, key, json, quiet } = values;
  return {
    ...{ script, out, json, quiet, dataDir: values['data-dir'] },
    ...{ api: api ?? env.CULVERT_API, key: key ?? env.CULVERT_KEY },
    vus: optional('vus', vus),
    rate: optional('rate', rate),
    durationMs: duration === undefined ? undefined : parseDuration(duration, '--duration'),
    scale: optional('scale', scale) ?? 1,
    agents: optional('agents', agents),
    seed: optional('seed', seed) ?? 1,
    workers: optional('workers', workers) ?? 3,
    gateways: optional('gateways', gateways) ?? 1,
  };
}

/** How the script's numbers change, so that its highest and its length are what the flags ask for. */
export function scaleFor(options: LoadOptions, flags: Pick<Flags, 'vus' | 'rate' | 'durationMs' | 'scale'>): Scale {
  const scenarios = resolveScenarios(options, UNSCALED);
  const share = (what: string, wanted: number | undefined, given: number): number => {
    if (wanted === undefined) return flags.scale;
    if (given === 0) throw new CulvertError('config_invalid', `this test has no ${what} of its own that could be set`);
    return wanted / given;
  };
  return {
    vus: share('VUs', flags.vus, Math.max(...scenarios.map(mostVus))),
    rate: share('rate', flags.rate, Math.max(...scenarios.map(highestRate))),
    time: flags.durationMs === undefined ? 1 : flags.durationMs / longest(scenarios, false),
  };
}

function parse<T extends Parameters<typeof parseArgs>[0]>(config: T): ReturnType<typeof parseArgs<NonNullable<T>>> {
  try {
    return parseArgs(config as NonNullable<T>);
  } catch (error) {
    throw new CulvertError('config_invalid', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function optional(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new CulvertError('config_invalid', `--${flag} takes a number above 0, not ${JSON.stringify(text)}`);
  }
  return value;
}
