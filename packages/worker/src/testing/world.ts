import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect } from 'node:net';
import { CulvertError, randomId, silentLogger, systemClock } from '@culvert/base';
import type { LinkTransport } from '@culvert/link';
import {
  type Advice,
  encodeOpen,
  encodeReason,
  encodeResume,
  Frame,
  FrameType,
  type LinkEnd,
  type OpenRequest,
} from '@culvert/mux';
import { freshRequest } from '@culvert/mux/testing';
import { type NodeBoot, Registry } from '@culvert/registry';
import { startRedis, type TestRedis } from '@culvert/registry/testing';
import type { AgentTicket } from '@culvert/service';
import type { SessionActor } from '../session-actor.ts';
import { Sessions, type SessionsOptions } from '../sessions.ts';
import type { AgentSide, EdgeSide } from '../switch.ts';

/** An agent's link without a socket: what is ended is told, and `lost` ends it from the other side. */
export class LinkStandIn {
  readonly ends: LinkEnd[] = [];
  readonly closed: Promise<LinkEnd>;
  /** What the agent was asked. */
  readonly asked: string[] = [];
  /** How long it was told to wait before, ms, for each time. */
  readonly delaysMs: number[] = [];
  readonly machine = {
    features: 1,
    claimed: () => undefined,
    end: (end: LinkEnd) => this.#end(end),
    goAway: (code: string, _message: string, advice?: Advice) => {
      this.asked.push(`${code} ${advice?.target ?? ''}`.trim());
      this.delaysMs.push(advice?.delayMs ?? 0);
    },
  };
  readonly #settled = Promise.withResolvers<LinkEnd>();

  constructor() {
    this.closed = this.#settled.promise;
  }

  /** The worker closed it, with these words. */
  get end(): LinkEnd | undefined {
    return this.ends[0];
  }

  /** The agent closes it in good order. */
  leaves(): void {
    this.#settled.resolve({ code: 'shutting_down', message: 'the agent leaves', final: false });
  }

  lost(): void {
    this.#settled.resolve({ code: 'link_lost', message: 'gone', final: false });
  }

  #end(end: LinkEnd): void {
    this.ends.push(end);
    this.#settled.resolve(end);
  }

  /** A LinkMachine has private fields, so nothing else is one to the compiler; actors use only what is here. */
  asLink(): LinkTransport {
    return this as unknown as LinkTransport;
  }
}

/** A ready node in a real registry, and sessions on it. */
export class World implements AsyncDisposable {
  readonly redis: TestRedis;
  readonly registry: Registry;
  readonly node = { id: randomId('w'), boot: randomId('b') };
  readonly changed: SessionActor[] = [];

  static async start(): Promise<World> {
    const redis = await startRedis();
    const registry = Registry.connect({
      url: redis.url,
      logger: silentLogger,
      commandTimeoutMs: 500,
      newMs: 0,
      lostMs: 0,
    });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
    const world = new World(redis, registry);
    await world.beat();
    return world;
  }

  private constructor(redis: TestRedis, registry: Registry) {
    this.redis = redis;
    this.registry = registry;
  }

  /** Renews the lease of the node, or of another one. */
  async beat(node: { id: string; boot: string } = this.node, capacity = 100): Promise<void> {
    const about = {
      role: 'worker',
      version: '1',
      pool: 'default',
      host: 'h',
      pid: 1,
      admin: 'http://127.0.0.1:1',
      admissionRate: 1_000,
    } as const;
    const load = { state: 'ready', sessions: 0, connections: 0 } as const;
    const beat = async (confirmed?: string) => {
      const reply = await this.registry.beat({ node: { ...node, ...about, capacity }, load, confirmed });
      if (reply.outcome !== 'ok') throw new CulvertError('internal', 'the boot is dead');
      return reply;
    };
    const { recovering, round } = await beat();
    // It has nothing to tell: what is not there is absent from now on.
    if (recovering) await beat(round);
  }

  /** Loses everything that Redis has. */
  async flushRedis(): Promise<void> {
    const socket = connect(this.redis.port, '127.0.0.1');
    socket.write('FLUSHALL\r\n');
    await once(socket, 'data');
    socket.destroy();
  }

  sessions(over: Partial<SessionsOptions> = {}): Sessions {
    return new Sessions({
      registry: this.registry,
      node: () => this.node,
      pool: 'default',
      logger: silentLogger,
      clock: systemClock,
      changed: (actor) => this.changed.push(actor),
      ...over,
    });
  }

  /** An agent comes with a ticket. */
  async admit(sessions: Sessions, ticket: AgentTicket = ticketOf()) {
    const link = new LinkStandIn();
    const side = sideOf(sessions);
    const actor = await sessions.admit(ticket, link.asLink(), side);
    return { link, side, actor };
  }

  /** Lets another node take the session, as another agent's claim there does. Returns the new epoch. */
  async takeElsewhere(ticket: AgentTicket): Promise<number> {
    const node = { id: randomId('w'), boot: randomId('b') };
    await this.beat(node);
    const reply = await this.registry.claim({ ...ticket, node, pool: 'default' });
    if (reply.outcome !== 'claimed') throw new CulvertError('internal', reply.reason);
    return reply.epoch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry.close();
    await this.redis.stop();
  }
}

/** The switch's side of a link that takes everything and says nothing. */
export function sideOf(sessions: Sessions): AgentSide {
  return sessions.switch.attachAgent({
    resumable: true,
    send: () => undefined,
    drop: () => undefined,
    queuedBytesOf: () => 0,
  });
}

export function ticketOf(over: Partial<AgentTicket> = {}): AgentTicket {
  return {
    kind: 'agent',
    sessionId: randomId('s'),
    tenantId: 'acme',
    name: null,
    agentId: 'a_1',
    keyId: 'k_1',
    labels: {},
    node: 'w',
    lastEpoch: 0,
    connectionLimit: 10,
    expiresAt: Date.now() + 60_000,
    ...over,
  };
}

/** Opens a connection of the session from an edge that is only frames; returns how to end it and what was answered. */
export class FrameEdge {
  readonly answers: string[] = [];
  /** Types of all frames that came. */
  readonly frames: number[] = [];
  readonly #edge: EdgeSide;
  #number = 0;

  /** `peer`: the node that it is of. */
  constructor(sessions: Sessions, peer?: NodeBoot) {
    this.#edge = sessions.switch.attachEdge(
      {
        resumable: true,
        send: (frame) => {
          this.frames.push(frame.type);
          if (frame.payload.length > 0)
            this.answers.push(frame.payload.toString('utf8', 1, 1 + (frame.payload[0] ?? 0)));
        },
        drop: () => undefined,
        queuedBytesOf: () => 0,
      },
      null,
      peer,
    );
  }

  /** Undefined when it was refused: then the code is the last of `answers`. */
  open(sessionId: string, request: OpenRequest = freshRequest({ sessionId })): (() => void) | undefined {
    return this.#ask(FrameType.OPEN, encodeOpen(request));
  }

  /** Goes on with a connection that has lost another edge's path, or this one's. `consumed`: bytes that the edge has had. */
  resume(request: OpenRequest, consumed = 0): (() => void) | undefined {
    return this.#ask(FrameType.RESUME, encodeResume({ window: 1_000, request }), consumed);
  }

  /** Bytes of its newest connection. */
  data(payload: Buffer): void {
    this.#edge.receive(new Frame(FrameType.DATA, this.#number, 0, payload));
  }

  /** Its link is gone. */
  lost(): void {
    this.#edge.lost('gone');
  }

  #ask(type: number, asked: Buffer, value = 1_000): (() => void) | undefined {
    this.#number += 1;
    const number = this.#number;
    const before = this.#edge.connections;
    this.#edge.receive(new Frame(type, number, value, asked));
    if (this.#edge.connections === before) return undefined;
    const payload = encodeReason({ code: 'aborted', message: '' });
    return () => this.#edge.receive(new Frame(FrameType.RESET, number, 0, payload));
  }
}
