import { CulvertError } from '@culvert/base';
import type { Hint } from '@culvert/registry';
import { DataSet } from './data-set.ts';
import { between, type Random } from './random.ts';
import { RegistryClient } from './registry-client.ts';
import { type RegistryObserver, Scripts } from './scripts.ts';
import type { SimProcess } from './sim-process.ts';
import type { Timeline } from './timeline.ts';

/** As the real one: see packages/registry/src/registry.ts. */
const COMMAND_TIMEOUT_MS = 1_000;

/**
 * A model of the registry, in virtual time. Commands arrive late, replies get lost, hints may be lost, all of it may be
 * away, lose its data, or lose what it was told last.
 */
export class SimRegistry {
  /** @internal */
  readonly scripts: Scripts;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #clients = new Set<RegistryClient>();
  /** Busy: answers come late, some beyond the caller's deadline. */
  slow = false;
  #away: 'refusing' | 'silent' | undefined;

  constructor(timeline: Timeline, random: Random, observer: RegistryObserver) {
    this.#timeline = timeline;
    this.#random = random;
    this.scripts = new Scripts(timeline, observer, (hint, owners) => this.#hint(hint, owners));
  }

  /** `hintsOf`: only hints about the sessions that this worker has, or had before. */
  client(process: SimProcess, hintsOf?: string): RegistryClient {
    const client = new RegistryClient(this, process, hintsOf);
    this.#clients.add(client);
    process.onDeath(() => this.#clients.delete(client));
    return client;
  }

  /** `silent`: nothing is refused, nothing answered; commands run into their deadline. */
  goAway(how: 'refusing' | 'silent'): void {
    this.#away = how;
    for (const client of this.#clients) client.availability(false);
  }

  comeBack(): void {
    this.#away = undefined;
    for (const client of this.#clients) client.reconnected();
  }

  /** Its data is gone; `restarted`: its connections, too. */
  loseData(restarted: boolean): void {
    this.scripts.data = new DataSet();
    if (!restarted) return;
    this.scripts.server += 1;
    for (const client of this.#clients) client.reconnected();
  }

  /** What a replica has by now. */
  snapshot(): DataSet {
    return this.scripts.data.copy();
  }

  /** A replica takes over, which has not heard of anything since. */
  failOver(replica: DataSet): void {
    this.scripts.data = replica;
    this.scripts.server += 1;
    for (const client of this.#clients) client.reconnected();
  }

  get away(): boolean {
    return this.#away !== undefined;
  }

  /** As the API reads it; undefined: there is none. @throws CulvertError recovering, while that is not known */
  session(
    sessionId: string,
  ): { agentId: string; epoch: number; owner: string | undefined; offline: boolean } | undefined {
    const entry = this.scripts.session(sessionId);
    if (entry === undefined) return undefined;
    const { agentId, epoch, node, state, live } = entry;
    return { agentId, epoch, owner: live ? node.id : undefined, offline: !live || state === 'offline' };
  }

  /** Whether sessions are placed on a node now. */
  isReady(id: string): boolean {
    return this.scripts.listNodes().some((node) => node.id === id && node.state === 'ready');
  }

  /** @internal A command of `process`: there, done, and back, or not. */
  command<T>(process: SimProcess, isolated: boolean, run: (late: () => void) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const unavailable = (why: string): CulvertError => new CulvertError('registry_unavailable', why);
    if (this.#away === 'refusing') {
      process.after(0, () => reject(unavailable('the registry is away')));
      return promise;
    }
    const notAfterMs = this.#timeline.nowMs + COMMAND_TIMEOUT_MS;
    const cancelTimeout = process.after(COMMAND_TIMEOUT_MS, () => reject(unavailable('no answer')), true);
    if (isolated) return promise;
    const { server } = this.scripts;
    this.#timeline.at(this.#timeline.nowMs + this.#latency(), () => {
      // What was on its way to a server that is gone never comes to the next one.
      if (this.#away !== undefined || server !== this.scripts.server) return;
      let outcome: { readonly value: T } | { readonly error: unknown };
      try {
        const late = (): void => {
          if (this.#timeline.nowMs > notAfterMs) throw unavailable('the command came too late');
        };
        outcome = { value: run(late) };
      } catch (error) {
        outcome = { error };
      }
      process.after(this.#latency(), () => {
        cancelTimeout();
        if ('value' in outcome) resolve(outcome.value);
        else reject(outcome.error);
      });
    });
    return promise;
  }

  #latency(): number {
    if (this.#random.chance(this.slow ? 0.5 : 0.01)) return between(this.#random, 20, this.slow ? 1_500 : 450);
    return between(this.#random, 0.2, 4);
  }

  #hint(hint: Hint, owners: readonly (string | undefined)[]): void {
    for (const client of this.#clients) {
      if (client.hintsOf !== undefined && !owners.includes(client.hintsOf)) continue;
      // A hint is lost with its subscription; once that is there again, the client is told so.
      if (this.#random.chance(0.03)) client.hearLater({ kind: 'reset' }, between(this.#random, 50, 3_000));
      else client.hearLater(hint, this.#latency());
    }
  }
}
