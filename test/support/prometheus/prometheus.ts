import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram } from '../debian-program.ts';

const START_DEADLINE_MS = 20_000;
const ASK_DEADLINE_MS = 5_000;
const STOP_DEADLINE_MS = 5_000;
const CHECK_DEADLINE_MS = 20_000;
/** Of what it says when it does not start; for the error. */
const TAIL_LINES = 20;

export interface PrometheusOptions {
  /** `host:port` of each /metrics, by what it is to be called. */
  readonly targets: Readonly<Record<string, string>>;
  /** Rules, as YAML. */
  readonly rules: string;
  /** How often it scrapes, and looks at the rules. */
  readonly everyMs: number;
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Target {
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Debian's Prometheus, on a free port of loopback, with a folder of its own. */
export class Prometheus implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(options: PrometheusOptions): Promise<Prometheus> {
    const program = await findPrometheus();
    const folder = await mkdtemp(join(tmpdir(), 'culvert-prometheus-'));
    await writeFile(join(folder, 'rules.yml'), options.rules);
    // JSON is YAML.
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configOf(options)));
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--storage.tsdb.retention.size=64MB',
        '--web.listen-address=127.0.0.1:0',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GOMAXPROCS: '1' } },
    );
    try {
      return new Prometheus(`http://${await addressOf(child)}`, child, folder);
    } catch (error) {
      await end(child, folder);
      throw error;
    }
  }

  async targets(): Promise<Target[]> {
    const { activeTargets } = await this.#ask<{ activeTargets: Target[] }>('targets');
    return activeTargets;
  }

  async alerts(): Promise<Alert[]> {
    const { alerts } = await this.#ask<{ alerts: Alert[] }>('alerts');
    return alerts;
  }

  /** The value of an expression that has one; undefined: it has none now. */
  async value(expression: string): Promise<number | undefined> {
    const path = `query?query=${encodeURIComponent(expression)}`;
    const { result } = await this.#ask<{ result: { value: [number, string] }[] }>(path);
    return result[0] === undefined ? undefined : Number(result[0].value[1]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return end(this.#child, this.#folder);
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`, { signal: AbortSignal.timeout(ASK_DEADLINE_MS) });
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`Prometheus answered ${path}: ${error}`);
    return data;
  }
}

/** What `promtool check metrics` has to say of a scrape: '' when there is nothing to complain of. */
export function checkMetrics(text: string): Promise<string> {
  return promtool(['check', 'metrics'], text);
}

/** … and `promtool check rules` of rules. */
export async function checkRules(rules: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'culvert-rules-'));
  try {
    await writeFile(join(folder, 'rules.yml'), rules);
    return await promtool(['check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'rules.yml')], '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Both programs are in the same package. */
async function findPrometheus(): Promise<string> {
  return findProgram({ names: ['prometheus'], package: 'prometheus', variable: 'CULVERT_PROMETHEUS' });
}

/** What it complains of, in its words; '' when it accepts its input without a word of complaint. */
export async function promtool(args: readonly string[], input: string): Promise<string> {
  const program = await findProgram({ names: ['promtool'], package: 'prometheus', variable: 'CULVERT_PROMTOOL' });
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: CHECK_DEADLINE_MS }, (error, stdout, stderr) => {
      // A status of its own is a complaint; anything else says that it did not run.
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve(error === null ? stderr : `${stderr}${stdout}`);
    });
    child.stdin?.end(input);
  });
}

function configOf({ targets, everyMs }: PrometheusOptions): unknown {
  const every = `${everyMs}ms`;
  return {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: ['rules.yml'],
    scrape_configs: [
      {
        job_name: 'culvert',
        static_configs: Object.entries(targets).map(([node, target]) => ({ targets: [target], labels: { node } })),
      },
    ],
  };
}

/** Where it listens, as it says itself; and that it is ready. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('the output of Prometheus is not piped');
  const tail: string[] = [];
  const lines = createInterface({ input: child.stderr });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const failed = (why: string): void => reject(new Error(`${why}; it said last:\n${tail.join('\n')}`));
  const late = setTimeout(() => failed(`Prometheus is not ready within ${START_DEADLINE_MS} ms`), START_DEADLINE_MS);
  let address: string | undefined;
  lines.on('line', (line) => {
    tail.push(line);
    tail.splice(0, tail.length - TAIL_LINES);
    address ??= /msg="Listening on" address=(\S+)/.exec(line)?.[1];
    if (address !== undefined && line.includes('Server is ready')) resolve(address);
  });
  child.once('error', reject);
  child.once('exit', () => failed('Prometheus ended'));
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(late);
  }
  await rm(folder, { recursive: true, force: true });
}
