import { CulvertError, silentLogger, systemClock } from '@culvert/base';
import type { Link } from '@culvert/link';
import { Feature, type LinkEnd } from '@culvert/mux';
import type { LinkOffer } from '../../packages/agent/src/api.ts';
import { ResumeWindow } from '../../packages/agent/src/resume-window.ts';
import { Supervisor } from '../../packages/agent/src/supervisor.ts';
import { sessionId } from './registry-data.ts';
import type { StormApi } from './storm-api.ts';
import type { StormTally } from './storm-tally.ts';
import type { StormWorkers } from './storm-workers.ts';

const RESUME_WINDOW_MS = 60_000;

export interface StormAgentOptions {
  /** Number of its session. */
  readonly session: number;
  /** Where it is before the storm, and under which epoch. */
  readonly home: { readonly node: string; readonly epoch: number };
  readonly api: Pick<StormApi, 'place'>;
  readonly workers: Pick<StormWorkers, 'admit'>;
  readonly tally: StormTally;
  readonly random: () => number;
}

/** The agent's own supervisor, with its back-off, slots and avoided workers; only the network is not there. */
export class StormAgent {
  readonly #options: StormAgentOptions;
  readonly #supervisor: Supervisor;
  readonly #id: string;
  #epoch = 0;
  #atHome = true;
  #settled = false;
  #link: StormLink | undefined;

  constructor(options: StormAgentOptions) {
    const { session, api, random } = options;
    this.#options = options;
    this.#id = sessionId(session);
    this.#supervisor = new Supervisor({
      ...{ name: undefined, labels: {}, ca: undefined, links: 1, random },
      ...{ logger: silentLogger, clock: systemClock },
      api: { url: 'http://api', openSession: async () => this.#opened(), place: (...call) => api.place(...call) },
      dialLink: async ({ url, token }) => this.#dial(url, token),
      streams: new ResumeWindow({ clock: systemClock, resumeWindowMs: RESUME_WINDOW_MS }),
      serve: (pending) => pending.refuse('target_denied', 'nobody connects in a storm'),
      emit: () => undefined,
    });
  }

  /** Links to its first worker, which owns the session already. */
  start(): void {
    this.#supervisor.start();
  }

  get linked(): boolean {
    return this.#supervisor.linked;
  }

  /** Its worker was killed. */
  lose(): void {
    this.#atHome = false;
    this.#link?.close('link_lost', 'the worker is gone');
  }

  stop(): void {
    this.#supervisor.stop();
  }

  #opened() {
    const { home } = this.#options;
    const link: LinkOffer = { url: home.node, ticket: '', node: home.node, expiresAtMs: Number.MAX_SAFE_INTEGER };
    return { id: this.#id, link, proxy: { url: 'http://proxy', username: '', password: '', pac: 'http://pac' } };
  }

  async #dial(node: string, ticket: string): Promise<Link> {
    const { home, session, workers, tally } = this.#options;
    if (this.#atHome) return this.#up(node, home.epoch);
    const epoch = await workers.admit(session, this.#epoch, { node, slotAt: Number(ticket) });
    if (!this.#settled) tally.settled();
    this.#settled = true;
    return this.#up(node, epoch);
  }

  #up(node: string, epoch: number): Link {
    this.#epoch = epoch;
    this.#link = new StormLink(this.#id, node, epoch);
    return this.#link;
  }
}

/** A link that holds until it is closed, and carries nothing. */
class StormLink implements Link {
  readonly welcome: Link['welcome'];
  readonly closed: Promise<LinkEnd>;
  readonly roundTripMs = undefined;
  readonly openStreams = 0;
  readonly queuedBytes = 0;
  readonly #closed = Promise.withResolvers<LinkEnd>();

  constructor(id: string, nodeId: string, epoch: number) {
    this.welcome = {
      version: 1,
      features: Feature.RESUME,
      deadAfterMs: 12_000,
      epoch,
      nodeId,
      boot: '',
      sessionId: id,
    };
    this.closed = this.#closed.promise;
  }

  open(): never {
    throw new CulvertError('link_lost', 'no streams in a storm');
  }

  resume(): never {
    throw new CulvertError('link_lost', 'no streams in a storm');
  }

  claim(): never {
    throw new CulvertError('link_lost', 'no standby in a storm');
  }

  leave(): void {}

  onGoAway(): void {}

  whenEmpty(listener: () => void): void {
    listener();
  }

  close(code: LinkEnd['code'], message: string): void {
    this.#closed.resolve({ code, message, final: false });
  }
}
