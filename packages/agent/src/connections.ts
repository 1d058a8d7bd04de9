import type { Socket } from 'node:net';
import { type Clock, CulvertError, type LogFields, type Logger, toCulvertError, withDeadline } from '@culvert/base';
import type { splice } from '@culvert/link';
import type { PendingStream, Stream, StreamEnd } from '@culvert/mux';
import { traceFields } from '@culvert/telemetry';
import type { Address } from './address.ts';
import { Connection } from './connection.ts';
import { type AgentTracing, ConnectionTrace } from './connection-trace.ts';
import { dial } from './dial.ts';
import type { AgentListener, ConnectionInfo } from './events.ts';
import type { Policy } from './policy.ts';
import type { NameResolver } from './resolve.ts';
import { parseTarget, type Target } from './target.ts';

export interface ConnectionsOptions {
  readonly policy: Policy;
  readonly resolver: NameResolver;
  /** Bound of a dial: name lookup and all attempts together. */
  readonly dialDeadlineMs: number;
  /** Dials at one time: targets that hang must not eat every file descriptor. */
  readonly maxDials: number;
  /** Connections at one time, dials included. */
  readonly maxConnections: number;
  readonly splice: typeof splice;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly emit: AgentListener;
  /** What is known of the session now, for the log. */
  readonly about?: () => LogFields;
  /** Unless given, nothing is traced. */
  readonly tracing?: AgentTracing | undefined;
}

/** An open that is served. */
interface Asked {
  readonly pending: PendingStream;
  readonly info: ConnectionInfo;
  readonly trace: ConnectionTrace | undefined;
}

/** Absolute counts since the agent started. */
export interface ConnectionCounts {
  /** Open now, without those that are still dialing. */
  readonly open: number;
  readonly dialing: number;
  readonly opened: number;
  readonly refused: number;
}

/** Answers opens: rules, lookup, dial, then joins socket and stream. Each runs on its own; none waits for another. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #idleListeners = new Set<() => void>();
  readonly #open = new Map<Stream, Connection>();
  readonly #counts = { open: 0, dialing: 0, opened: 0, refused: 0 };
  /** Opens that `serve` has not done with: being admitted, dialing, open. */
  #active = 0;
  #stopping = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get counts(): ConnectionCounts {
    return { ...this.#counts };
  }

  /** From now on every open is refused with `shutting_down`; what is open goes on. */
  stopAccepting(): void {
    this.#stopping = true;
  }

  /** Resolves once no connection is open or dialing. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleListeners.add(resolve);
      this.#announceIdle();
    });
  }

  /** An open stream has lost its path. */
  detached(stream: StreamEnd): void {
    this.#open.get(stream)?.detached();
  }

  /** It goes on over another; `replayed`: bytes that were sent again. */
  resumed(stream: StreamEnd, replayed: number): void {
    this.#open.get(stream)?.resumed(stream.gapMs, replayed);
  }

  /** Serves one open from its answer to its end. Resolves when nothing is left of it; never rejects. */
  async serve(pending: PendingStream): Promise<void> {
    const { request } = pending;
    const info: ConnectionInfo = {
      connectionId: request.connectionId,
      kind: request.kind,
      target: `${request.host.includes(':') ? `[${request.host}]` : request.host}:${request.port}`,
    };
    const cancelled = new AbortController();
    pending.onCancelled(() => cancelled.abort(new CulvertError('cancelled')));
    const { clock, tracing } = this.#options;
    const beganMs = clock.monotonic();
    const trace = tracing && new ConnectionTrace(tracing, request);
    const asked: Asked = { pending, info, trace };
    this.#active += 1;
    try {
      this.#admit();
      const socket = await this.#dial(parseTarget(request.host, request.port), cancelled.signal);
      trace?.dialed(socket);
      this.#logDial(asked, socket, clock.monotonic() - beganMs);
      await this.#join(asked, socket);
    } catch (thrown) {
      this.#refuse(asked, toCulvertError(thrown), cancelled.signal.aborted);
    } finally {
      this.#active -= 1;
      this.#announceIdle();
    }
  }

  #logDial(asked: Asked, { remoteAddress = 'unknown' }: Socket, ms: number): void {
    const { target } = asked.info;
    const fields = { ...this.#fieldsOf(asked), event: 'connection.dial', target, address: remoteAddress };
    this.#options.logger.info({ ...fields, ms: Math.round(ms) }, 'the target is reached');
  }

  #fieldsOf({ pending: { request }, trace }: Asked): LogFields {
    const { sessionId: session_id, connectionId: connection_id, traceparent } = request;
    const traced = trace?.logFields ?? traceFields(traceparent);
    return { session_id, connection_id, ...traced, ...this.#options.about?.() };
  }

  #admit(): void {
    const { maxDials, maxConnections } = this.#options;
    if (this.#stopping) throw new CulvertError('shutting_down', 'the agent is stopping');
    if (this.#active > maxConnections) {
      throw new CulvertError('limit_exceeded', `the agent has ${maxConnections} connections already`);
    }
    if (this.#counts.dialing >= maxDials) {
      throw new CulvertError('limit_exceeded', `the agent dials ${maxDials} targets already`);
    }
  }

  async #dial(target: Target, cancelled: AbortSignal): Promise<Socket> {
    const { policy, dialDeadlineMs } = this.#options;
    const verdict = policy.checkName(target);
    if (!verdict.allowed) throw new CulvertError('target_denied', verdict.reason);
    this.#counts.dialing += 1;
    const work = async (deadline: AbortSignal): Promise<Socket> => {
      const signal = AbortSignal.any([deadline, cancelled]);
      const addresses = await unlessAborted(signal, this.#resolve(target));
      return dial({ addresses, port: target.port, signal });
    };
    try {
      return await withDeadline(dialDeadlineMs, `dialing ${target.host}:${target.port}`, work, 'target_timeout');
    } finally {
      this.#counts.dialing -= 1;
    }
  }

  /** The target's addresses that the rules allow; those, and no others, are dialed (DNS rebinding). */
  async #resolve(target: Target): Promise<Address[]> {
    const { policy, resolver } = this.#options;
    const allowed: Address[] = [];
    let reason = '';
    for (const address of await resolver.resolve(target)) {
      const verdict = policy.checkAddress(target, address);
      if (verdict.allowed) allowed.push(address);
      else reason ||= verdict.reason;
    }
    if (allowed.length === 0) throw new CulvertError('target_denied', reason);
    return allowed;
  }

  #refuse(asked: Asked, error: CulvertError, cancelled: boolean): void {
    const { logger, emit } = this.#options;
    const { pending, info, trace } = asked;
    this.#counts.refused += 1;
    trace?.failed(error, cancelled);
    if (!cancelled) pending.refuse(error.code, error.message);
    const fields = { ...this.#fieldsOf(asked), event: 'connection.refused', target: info.target, code: error.code };
    if (error.code === 'internal') logger.error({ ...fields, err: error.cause }, 'serving an open failed');
    else logger.info(fields, error.message);
    emit({ event: 'connection.refused', ...info, code: error.code, message: error.message });
  }

  async #join(asked: Asked, socket: Socket): Promise<void> {
    const { pending, info, trace } = asked;
    const stream = acceptOrDestroy(pending, socket);
    const connection = new Connection({
      ...this.#options,
      info,
      trace,
      logFields: { ...this.#fieldsOf(asked), target: info.target },
      stream,
      socket,
    });
    this.#options.splice(stream, socket, { socketErrorCode: 'target_reset' });
    this.#counts.opened += 1;
    this.#counts.open += 1;
    this.#open.set(stream, connection);
    connection.opened();
    await connection.closed;
    this.#open.delete(stream);
    this.#counts.open -= 1;
    connection.told();
  }

  #announceIdle(): void {
    if (this.#active > 0) return;
    for (const listener of this.#idleListeners) listener();
    this.#idleListeners.clear();
  }
}

function acceptOrDestroy(pending: PendingStream, socket: Socket): Stream {
  try {
    return pending.accept();
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** `work`, or a rejection with the signal's reason; for work that cannot be stopped, such as a lookup. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
