import { CulvertError, type Logger, toCulvertError } from '@culvert/base';
import {
  type Credentials,
  type FindRoute,
  type LinkReading,
  type ObservedConnections,
  type OpenTarget,
  Reattacher,
  type ReattachLog,
  type Resolver,
  type Tunnel,
  WorkerLinks,
  withRetryAfter,
} from '@culvert/edge';
import { type Link, openStream } from '@culvert/link';
import { Budget, KEY_BYTES, type Stream, Streams } from '@culvert/mux';
import { type ClusterSecret, identifySession, signTicket } from '@culvert/service';
import { DirectConnections } from './direct-connections.ts';
import type { Sessions } from './sessions.ts';
import type { EdgeSide } from './switch.ts';

/** The agent's own dial deadline is 10 s; the answer needs the way back. */
const OPEN_DEADLINE_MS = 15_000;
/** Bytes that all windows on the direct address may add up to. */
const BUDGET_BYTES = 268_435_456;
/** A ticket is used at once; the rest is for clocks that differ. */
const TICKET_LIFE_MS = 60_000;

export interface DirectEdgeOptions {
  readonly sessions: Sessions;
  readonly secret: ClusterSecret;
  readonly nodeId: string;
  readonly boot: () => string;
  readonly software: string;
  readonly findRoute: FindRoute;
  readonly resumeWindowMs: number;
  readonly observed: ObservedConnections;
  /** Told the round trip of each heartbeat to other workers, ms. */
  readonly roundTrip?: (ms: number) => void;
  /** Where it is kept what became of connections that lost their path. */
  readonly log: ReattachLog;
  readonly logger: Logger;
}

/**
 * The worker's own proxy front ("direct" in the README): an edge in the same process as the switch. When a session moves, its
 * connections here follow over a link to the new owner; only the browser's socket keeps this process from ending.
 */
export class DirectEdge implements Resolver {
  readonly connections = new DirectConnections();
  readonly #options: DirectEdgeOptions;
  readonly #streams: Streams;
  readonly #side: EdgeSide;
  readonly #links: WorkerLinks;
  readonly #reattacher: Reattacher;

  constructor(options: DirectEdgeOptions) {
    this.#options = options;
    const { sessions, nodeId, software, logger, findRoute, resumeWindowMs, observed, roundTrip, log } = options;
    this.#links = new WorkerLinks({
      id: nodeId,
      software,
      logger,
      token: (worker) => this.#ticketFor(worker.id),
      detached: (stream, why, from) => this.#reattacher.take(stream, why, from),
      ...(roundTrip === undefined ? {} : { roundTrip }),
    });
    const links = { linkTo: (node: Parameters<WorkerLinks['linkTo']>[0]) => this.#linkTo(node) };
    this.#reattacher = new Reattacher({ links, findRoute, resumeWindowMs, observed, log, logger });
    this.#side = sessions.switch.attachEdge(
      { resumable: true, send: (frame) => this.#streams.receive(frame), drop: () => undefined, queuedBytesOf: () => 0 },
      null,
    );
    this.#streams = new Streams({
      send: (frame) => this.#side.receive(frame),
      drop: () => undefined,
      nowMs: () => performance.now(),
      budget: new Budget(BUDGET_BYTES),
      keptBudget: new Budget(BUDGET_BYTES),
      detached: (stream, why) => this.#reattacher.take(stream, why, nodeId),
    });
    this.#streams.resumable = true;
  }

  async resolve(credentials: Credentials): Promise<Tunnel> {
    const { secret, sessions } = this.#options;
    const { sessionId } = identifySession(secret, credentials);
    const actor = sessions.get(sessionId);
    if (actor === undefined) {
      throw new CulvertError('session_offline', 'the session is not on this worker', {
        fix: 'ask the routing API where it is, or use a gateway',
        retryAfterSeconds: 1,
      });
    }
    const { tenantId } = actor.ticket;
    return { sessionId, tenantId, open: (target, signal) => this.#open(sessionId, tenantId, target, signal) };
  }

  /** Its links to other workers, as one. */
  reading(): LinkReading {
    return { peer: 'worker', active: this.#links.size, queuedBytes: this.#links.queuedBytes };
  }

  /** Connections without a path now. */
  get detached(): number {
    return this.#reattacher.detached;
  }

  /** Open streams by worker, those inside this process included. */
  streams(): Map<string, number> {
    const streams = this.#links.streams();
    const here = this.#side.connections;
    return here === 0 ? streams : streams.set(this.#options.nodeId, here + (streams.get(this.#options.nodeId) ?? 0));
  }

  /** The registry or a worker tells that the session has a new owner. */
  hint(sessionId: string): void {
    this.#reattacher.hint(sessionId);
  }

  /** Breaks off what is left. */
  close(): void {
    this.#streams.resetAll('shutting_down', 'the worker is stopping');
    this.#reattacher.close();
    this.#links.close();
  }

  async #open(sessionId: string, tenant: string, target: OpenTarget, signal: AbortSignal): Promise<Stream> {
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const { observer, ...where } = target;
    const traced = observer?.traceparent === undefined ? {} : { traceparent: observer.traceparent };
    const connection = { key, sessionId, ...where, ...traced };
    observer?.asked?.({ node: this.#options.nodeId, epoch: this.#options.sessions.get(sessionId)?.epoch ?? undefined });
    try {
      const stream = await openStream(this.#streams, connection, { deadlineMs: OPEN_DEADLINE_MS, signal });
      this.connections.add({ connection, tenant, stream, openedAtMs: Date.now() });
      return stream;
    } catch (thrown) {
      const error = toCulvertError(thrown);
      // For a direct address there is no other owner to ask.
      if (error.code === 'wrong_owner' || error.code === 'link_lost') {
        throw new CulvertError('session_offline', 'the session has left this worker', { retryAfterSeconds: 1 });
      }
      throw withRetryAfter(error);
    }
  }

  /** When the session comes back to this very worker, its way is the one inside the process. */
  async #linkTo(node: Parameters<WorkerLinks['linkTo']>[0]): Promise<Pick<Link, 'resume'>> {
    if (node.id !== this.#options.nodeId) return this.#links.linkTo(node);
    return {
      resume: (stream, outcome) => {
        const asked = this.#streams.resume(stream, outcome);
        return () => asked.leave();
      },
    };
  }

  #ticketFor(worker: string): string {
    const { secret, nodeId, boot } = this.#options;
    const expiresAt = Date.now() + TICKET_LIFE_MS;
    return signTicket(secret, { kind: 'node', id: nodeId, boot: boot(), role: 'worker', node: worker, expiresAt });
  }
}
