import { Backoff, CulvertError, sleep, withDeadline } from '@culvert/base';
import { NodeRole, type ProviderChoice } from '@culvert/contracts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { EXEC_FIELDS, type ExecConfig, fillIn, readExecConfig } from './exec-config.ts';
import { MAX_CALL_MS, MAX_LOG_BYTES, MAX_OUTPUT_BYTES } from './limits.ts';
import type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from './provider.ts';
import { type CommandEnd, runCommand } from './run-command.ts';

/** EX_TEMPFAIL of sysexits(3). */
const TRY_AGAIN = 75;
const RETRY = { firstMs: 200, maxMs: 2_000 };

/** A line of `list`. */
const Listed = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 63 }),
  role: NodeRole,
  version: Type.String({ maxLength: 64 }),
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('running'),
    Type.Literal('stopping'),
    Type.Literal('exited'),
  ]),
  pid: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  exit: Type.Optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()])),
});

type Fields = Readonly<Partial<Record<(typeof EXEC_FIELDS)[number], string>>>;

/**
 * Nodes by the operator's own commands: systemd, Nomad, an autoscaling group. Whoever runs the commands keeps no fence for
 * us, so the provider refuses an order of an older fence than it has carried out itself, and tells each command its fence;
 * a command that can remember the highest one should refuse lower ones, too.
 */
export class ExecProvider implements NodeProvider {
  readonly kind: ProviderChoice['kind'] = 'exec';
  readonly #config: ExecConfig;
  readonly #folder: string;
  readonly #closed = new AbortController();
  /** By node: orders for one node follow each other. */
  readonly #orders = new Map<string, Promise<void>>();
  #fence = 0;

  private constructor(config: ExecConfig, folder: string) {
    this.#config = config;
    this.#folder = folder;
  }

  /** Rejects with `config_invalid`; exec-config.ts says what the file holds. */
  static async load(file: string): Promise<ExecProvider> {
    const { config, folder } = await readExecConfig(file);
    return new ExecProvider(config, folder);
  }

  launch(request: LaunchRequest, given?: AbortSignal): Promise<void> {
    const { id, role, pool, version, replaces, cordoned, choice, deployment, fence } = request;
    const fields: Fields = {
      ...{ id, role, pool, version, replaces: replaces ?? '', cordoned: String(cordoned), deployment },
      ...{ fence: String(fence), directory: choice.directory ?? '' },
    };
    return this.#order(id, fence, given, async (signal) => {
      // What is there already is not launched again, however careless the command is.
      const known = (await this.#list(signal)).find((node) => node.id === id);
      if (known?.state === 'stopping') throw failed('launch', `${id} is ending; it can begin anew after that`);
      if (known === undefined || known.state === 'exited') await this.#run('launch', fields, signal);
    });
  }

  list(given?: AbortSignal): Promise<readonly ProvidedNode[]> {
    return this.#within('list', given, (signal) => this.#list(signal));
  }

  terminate({ id, deployment, fence, graceMs }: TerminateRequest, given?: AbortSignal): Promise<void> {
    const fields: Fields = { id, deployment, fence: String(fence), grace: String(graceMs) };
    return this.#order(id, fence, given, async (signal) => {
      await this.#run('terminate', fields, signal);
    });
  }

  logs(id: string, given?: AbortSignal): Promise<string> {
    return this.#within('logs', given, async (signal) => {
      if (this.#config.logs === undefined) return '';
      const { output } = await this.#run('logs', { id }, signal);
      return Buffer.from(output).subarray(-MAX_LOG_BYTES).toString('utf8');
    });
  }

  /** Kills the commands that run now; what they have launched stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new CulvertError('shutting_down'));
    await Promise.allSettled(this.#orders.values());
  }

  async #list(signal: AbortSignal): Promise<ProvidedNode[]> {
    const { output } = await this.#run('list', {}, signal);
    return output.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [nodeOf(line, index + 1)]));
  }

  #order(
    id: string,
    fence: number,
    given: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (fence < this.#fence) {
      const message = `an order of fence ${fence} comes after one of ${this.#fence}`;
      return Promise.reject(new CulvertError('fenced', message));
    }
    this.#fence = fence;
    const before = this.#orders.get(id) ?? Promise.resolve();
    const order = this.#within(`the order for ${id}`, given, async (signal) => {
      await before.catch(() => undefined); // whoever gave that one was told
      await work(signal);
    });
    this.#orders.set(id, order);
    const forget = (): void => {
      if (this.#orders.get(id) === order) this.#orders.delete(id);
    };
    order.then(forget, forget);
    return order;
  }

  #within<T>(what: string, given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(this.#config.timeoutMs ?? MAX_CALL_MS, what, (deadline) =>
      work(AbortSignal.any([deadline, this.#closed.signal, ...(given ? [given] : [])])),
    );
  }

  /** Until the command has done it, or has failed, or the signal says that time is up. */
  async #run(name: 'launch' | 'list' | 'terminate' | 'logs', fields: Fields, signal: AbortSignal): Promise<CommandEnd> {
    const all: Record<string, string> = Object.fromEntries(EXEC_FIELDS.map((field) => [field, fields[field] ?? '']));
    const argv = fillIn(this.#config[name] ?? [], all);
    const env = this.#environment(all);
    const backoff = new Backoff(RETRY);
    for (;;) {
      const end = await runCommand({ argv, cwd: this.#folder, env, maxOutputBytes: MAX_OUTPUT_BYTES }, signal);
      if (end.code === 0) return end;
      if (end.code !== TRY_AGAIN) {
        throw failed(
          name,
          [`${argv[0]} ended with ${end.signal ?? `exit code ${end.code}`}`, end.words].join('\n').trim(),
        );
      }
      await sleep(backoff.next(RETRY.firstMs), signal);
    }
  }

  #environment(fields: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const pass = new Set(this.#config.pass);
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CULVERT_') || pass.has(name));
    const told = Object.entries(fields).map(([name, value]) => [`CULVERT_DEPLOY_${name.toUpperCase()}`, value]);
    return Object.fromEntries([...inherited, ...told]);
  }
}

function nodeOf(line: string, number: number): ProvidedNode {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch (error) {
    throw failed('list', `line ${number} is no JSON: ${line.slice(0, 200)}`, error);
  }
  if (Value.Check(Listed, given)) return { ...given, pid: given.pid ?? null, exit: given.exit ?? null };
  const [first] = Value.Errors(Listed, given);
  throw failed('list', `line ${number}: ${first?.instancePath || 'the node'} ${first?.message ?? 'is wrong'}`);
}

function failed(command: string, message: string, cause?: unknown): CulvertError {
  return new CulvertError('provider_failed', `${command}: ${message}`, cause === undefined ? {} : { cause });
}
