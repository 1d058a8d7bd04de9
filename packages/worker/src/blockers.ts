import type { Clock } from '@culvert/base';
import type { Blocker } from '@culvert/contracts';
import { ByteRates } from './byte-rates.ts';
import type { Circuit } from './circuit.ts';
import type { DirectConnection, DirectConnections } from './direct-connections.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

/** Told at once at most: the oldest. */
const TOLD = 1_000;

/** Why a session is still here, as the drain sees it. */
export type SessionReason = Exclude<Blocker['reason'], 'direct'>;

export interface BlockersOptions {
  readonly sessions: Pick<Sessions, 'ofCustomers' | 'get'>;
  readonly direct: DirectConnections;
  readonly reasonOf: (actor: SessionActor) => SessionReason;
  readonly clock: Clock;
}

/** What is left to be told of, with what it takes to tell it; the rates are looked at only for what is told. */
interface Held {
  readonly sinceMs: number;
  readonly tell: (nowMs: number) => Blocker;
}

/** What keeps a worker from being empty: each connection on its own address, each connection of a session, each idle session. */
export class Blockers {
  readonly #options: BlockersOptions;
  readonly #rates = new ByteRates();

  constructor(options: BlockersOptions) {
    this.#options = options;
  }

  /** The oldest first, 1,000 at most. */
  list(): Blocker[] {
    const { sessions, direct, clock } = this.#options;
    const present = sessions.ofCustomers().filter(({ state }) => state.phase !== 'away');
    // A connection of this worker's own address is named as such, and not once more as one of its session.
    const own = new Set(direct.all().map(({ connection }) => connection.connectionId));
    const held = [
      ...direct.all().map((connection) => this.#direct(connection, sessions.get(connection.connection.sessionId))),
      ...present.flatMap((actor) => this.#session(actor, own)),
    ];
    const nowMs = clock.now();
    this.#rates.begin();
    return held
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, TOLD)
      .map(({ tell }) => tell(nowMs));
  }

  /** `actor`: of its session, while that is here; then it is known when the last byte passed, else as looks tell. */
  #direct({ connection, tenant, stream, openedAtMs }: DirectConnection, actor: SessionActor | undefined): Held {
    const { host, port, sessionId, connectionId } = connection;
    const here = actor?.side.circuits().find(({ request }) => request.connectionId === connectionId);
    const tell = (nowMs: number): Blocker => {
      const { bytesPerSecond, changedAtMs } = this.#look(connectionId, stream.bytesReceived + stream.bytesSent, nowMs);
      const lastByteAtMs = here?.lastByteAtMs ?? changedAtMs;
      return {
        ...{
          kind: 'connection',
          session: sessionId,
          tenant,
          name: actor?.ticket.name ?? null,
          connection: connectionId,
        },
        ...{ target: `${host}:${port}`, reason: 'direct', since: iso(openedAtMs) },
        ...(lastByteAtMs === null ? {} : { lastByteAt: iso(lastByteAtMs) }),
        ...bytesPerSecond,
        detail: "its browser uses this worker's own address: it has to end by itself",
      };
    };
    return { sinceMs: openedAtMs, tell };
  }

  #session(actor: SessionActor, own: ReadonlySet<string>): Held[] {
    const { tenantId, name } = actor.ticket;
    const reason = this.#options.reasonOf(actor);
    const about = { kind: 'session', session: actor.id, tenant: tenantId, name, reason } as const;
    const detail = detailOf(reason, actor.connections);
    const circuits = [...actor.side.circuits(), ...actor.detached];
    const carried = circuits.filter(({ request }) => !own.has(request.connectionId));
    if (carried.length > 0) return carried.map((circuit) => this.#connection({ ...about, detail }, circuit));
    const sinceMs = 'sinceMs' in actor.state ? actor.state.sinceMs : actor.connectedAtMs;
    return [{ sinceMs, tell: () => ({ ...about, connection: null, target: null, since: iso(sinceMs), detail }) }];
  }

  #connection(
    about: Pick<Blocker, 'kind' | 'session' | 'tenant' | 'name' | 'reason' | 'detail'>,
    circuit: Circuit,
  ): Held {
    const { openedAtMs, lastByteAtMs, target, request } = circuit;
    const tell = (nowMs: number): Blocker => ({
      ...{ ...about, connection: request.connectionId, target, since: iso(openedAtMs), lastByteAt: iso(lastByteAtMs) },
      ...this.#look(circuit.key, circuit.bytesIn + circuit.bytesOut, nowMs).bytesPerSecond,
    });
    return { sinceMs: openedAtMs, tell };
  }

  #look(key: string, bytes: number, nowMs: number) {
    const { bytesPerSecond, changedAtMs } = this.#rates.look(key, bytes, nowMs);
    return {
      changedAtMs,
      bytesPerSecond: bytesPerSecond === null ? {} : { bytesPerSecond: Math.round(bytesPerSecond) },
    };
  }
}

function detailOf(reason: SessionReason, connections: number): string {
  switch (reason) {
    case 'busy':
      return `its ${connections} connections end, or the drain moves busy sessions (--policy move)`;
    case 'moving':
      return 'its agent attaches to another worker';
    case 'no_target':
      return 'another worker of this pool is ready and has room';
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
