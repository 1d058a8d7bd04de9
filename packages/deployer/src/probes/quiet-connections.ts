import { type CulvertError, type Logger, toCulvertError } from '@culvert/base';
import type { SliSeries } from '@culvert/telemetry';
import type { Reachable } from './plan.ts';
import { ProbeSession, type ProbeSessionOptions } from './probe-session.ts';
import { QuietConnection, type QuietEnd } from './quiet-connection.ts';

/** So many tell as much as one for each of a hundred workers: each release moves all of them. */
const MAX_QUIET = 3;

export interface QuietConnectionsOptions extends Pick<ProbeSessionOptions, 'targets' | 'secret'> {
  readonly counts: SliSeries;
  readonly logger: Logger;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

interface Quiet {
  readonly session: ProbeSession;
  connection: QuietConnection | undefined;
}

/**
 * Connections that stay, of sessions that may be on any worker: when theirs is drained or dies, they go elsewhere, as those of
 * customers do. One for each worker, three at most.
 */
export class QuietConnections {
  readonly #options: QuietConnectionsOptions;
  readonly #all: Quiet[] = [];
  #workers: readonly Reachable[] = [];
  #gateways: readonly Reachable[] = [];
  #next = 0;

  constructor(options: QuietConnectionsOptions) {
    this.#options = options;
  }

  /** These are there now. A connection through a gateway that is not among them is let go of. */
  async keep(workers: readonly Reachable[], gateways: readonly Reachable[]): Promise<void> {
    this.#workers = workers;
    this.#gateways = gateways;
    const wanted = gateways.length === 0 ? 0 : Math.min(MAX_QUIET, workers.length);
    const dropped = wanted === 0 ? this.#all.splice(0) : [];
    for (const { connection } of this.#all) {
      if (connection !== undefined && !gateways.some(({ id }) => id === connection.node)) connection.leave();
    }
    while (this.#all.length < wanted) this.#all.push({ session: this.#open(), connection: undefined });
    await Promise.all(dropped.map((one) => leave(one)));
  }

  /** Each to and fro, once. Never rejects. `deadlineMs`: for each. */
  async beat(deadlineMs: number, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((quiet) => this.#beatOne(quiet, deadlineMs, signal)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((one) => leave(one)));
  }

  #open(): ProbeSession {
    const { targets, secret, random = Math.random } = this.#options;
    const choose: ProbeSessionOptions['choose'] = (exclude) => {
      const possible = this.#workers.filter(({ id }) => !exclude.includes(id));
      const worker = possible[Math.floor(random() * possible.length)];
      return worker?.link === undefined ? undefined : { id: worker.id, link: worker.link };
    };
    const session = new ProbeSession({ targets, secret, choose });
    // Somebody closed it: the next round makes another one.
    void session.over.then(() => {
      const at = this.#all.findIndex((one) => one.session === session);
      if (at !== -1) this.#all.splice(at, 1)[0]?.connection?.leave();
    });
    return session;
  }

  async #beatOne(quiet: Quiet, deadlineMs: number, signal: AbortSignal): Promise<void> {
    try {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
      if (quiet.connection === undefined || quiet.connection.over) await this.#connect(quiet, inTime);
      await quiet.connection?.beat(deadlineMs);
    } catch (thrown) {
      this.#options.logger.debug(
        { event: 'probe.quiet', code: codeOf(thrown) },
        'a connection that stays said nothing',
      );
    }
  }

  async #connect(quiet: Quiet, signal: AbortSignal): Promise<void> {
    const gateway = this.#gateways[this.#next % this.#gateways.length];
    if (gateway === undefined) return;
    this.#next += 1;
    const { counts } = this.#options;
    await quiet.session.linked(signal);
    const onOpened = (ms: number): void => {
      counts.opened(ms);
      counts.change('connectionMs', 1);
    };
    const way = { ...quiet.session.way(gateway), onOpened };
    const ended = (how: QuietEnd): void => this.#ended(how);
    quiet.connection = await QuietConnection.open(way, quiet.session.echoAuthority, { signal, ended });
  }

  #ended(how: QuietEnd): void {
    const { counts, logger } = this.#options;
    counts.change('connectionMs', -1);
    counts.add('closed');
    if (how === 'left') return;
    counts.add('lost');
    logger.warn({ event: 'probe.lost' }, 'a connection of the probes that was to stay was lost');
  }
}

async function leave({ session, connection }: Quiet): Promise<void> {
  connection?.leave();
  await session.close();
}

function codeOf(thrown: unknown): CulvertError['code'] {
  return toCulvertError(thrown).code;
}
