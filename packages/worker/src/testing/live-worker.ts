import { CulvertError, randomId, silentLogger, systemClock } from '@culvert/base';
import { NodePresence, Registry } from '@culvert/registry';
import type { AgentTicket } from '@culvert/service';
import { Isolation } from '../isolation.ts';
import { Ownership } from '../ownership.ts';
import { Reporter } from '../reporter.ts';
import type { SessionActor } from '../session-actor.ts';
import { Sessions } from '../sessions.ts';
import type { Suspect } from '../suspect.ts';
import { LinkStandIn, sideOf, ticketOf } from './world.ts';

/** Much shorter than a real one, so that tests need not wait. ms. */
const LEASE_MS = 3_000;
const BEAT_MS = 300;
const COMMAND_TIMEOUT_MS = 800;

/** All of a worker that has to do with the registry: no sockets but those to Redis. */
export class LiveWorker implements AsyncDisposable {
  readonly id = randomId('w');
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly presence: NodePresence;
  readonly reporter: Reporter;
  readonly ownership: Ownership;
  readonly #isolation: Isolation;
  /** What its peers say when it asks them whether they reach the registry. */
  peersReady = false;

  static async start(url: string): Promise<LiveWorker> {
    const worker = new LiveWorker(url);
    await worker.registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    worker.reporter.start();
    worker.presence.start();
    await worker.presence.confirm();
    return worker;
  }

  private constructor(url: string) {
    const timing = { commandTimeoutMs: COMMAND_TIMEOUT_MS, leaseMs: LEASE_MS, newMs: 0, lostMs: 0 };
    this.registry = Registry.connect({ url, hintsOf: this.id, logger: silentLogger, ...timing });
    const node = () => ({ id: this.id, boot: this.presence.node.boot });
    const about = { registry: this.registry, logger: silentLogger, clock: systemClock };
    const pool = 'default';
    this.sessions = new Sessions({
      ...{ ...about, node, pool },
      changed: (actor) => this.reporter.changed(actor),
      refusing: () => this.ownership.refusal(),
    });
    this.reporter = new Reporter({ ...about, sessions: () => this.sessions, node, pool });
    this.presence = new NodePresence({
      ...{ ...about, everyMs: BEAT_MS, leaseMs: LEASE_MS },
      node: {
        ...{ id: this.id, boot: randomId('b'), role: 'worker', version: '1', pool, host: 'h', pid: 1 },
        ...{ admin: 'http://127.0.0.1:1', link: 'ws://127.0.0.1:1', capacity: 100_000, admissionRate: 1_000 },
      },
      load: () => ({
        state: this.suspect.suspect ? 'suspect' : 'ready',
        sessions: this.sessions.size,
        connections: this.sessions.connections,
      }),
      onReply: (reply) => this.ownership.beaten(reply),
      onReplaced: (error) => {
        throw error;
      },
    });
    const { sessions, reporter, presence } = this;
    this.ownership = new Ownership({ ...about, selfId: this.id, sessions, reporter, presence });
    this.#isolation = new Isolation({
      ...{ ...about, sessions, suspect: this.suspect, draining: () => false },
      peers: { some: () => [{ id: 'w_peer', admin: 'http://127.0.0.1:1' }] },
      isReady: async () => this.peersReady,
      afterMs: LEASE_MS,
    });
  }

  get suspect(): Suspect {
    return this.ownership.suspect;
  }

  /** An agent comes; undefined: its session was not let in. */
  async admit(
    ticket: AgentTicket = ticketOf(),
  ): Promise<{ readonly link: LinkStandIn; readonly actor: SessionActor | undefined }> {
    const link = new LinkStandIn();
    return { link, actor: await this.sessions.admit(ticket, link.asLink(), sideOf(this.sessions)) };
  }

  /** One that has to be let in. */
  async open(): Promise<{ readonly link: LinkStandIn; readonly actor: SessionActor }> {
    const { link, actor } = await this.admit();
    if (actor === undefined) throw new CulvertError('internal', `not admitted: ${link.end?.message}`);
    return { link, actor };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isolation.close();
    this.ownership.close();
    await this.reporter.close();
    await this.presence.close();
    await this.registry.close();
  }
}
