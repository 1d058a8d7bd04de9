import type { Socket } from 'node:net';
import type { Clock, ErrorCode, LogFields, Logger } from '@culvert/base';
import { closedBy, type ClosedBy as EdgeClosedBy } from '@culvert/edge';
import { type Stream, StreamEnd } from '@culvert/mux';
import type { ConnectionTrace } from './connection-trace.ts';
import type { AgentListener, ClosedBy, ConnectionInfo } from './events.ts';

export interface ConnectionOptions {
  readonly info: ConnectionInfo;
  readonly logFields: LogFields;
  /** Just accepted, and not yet joined with the socket: who closes what can only be seen in front of that. */
  readonly stream: Stream;
  readonly socket: Socket;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly emit: AgentListener;
  /** When it is traced. */
  readonly trace?: ConnectionTrace | undefined;
}

interface End {
  readonly closedBy: ClosedBy;
  readonly reason: 'end' | ErrorCode;
}

/** One open connection: tells what happens to it, from its opening to who closed it and why. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #openedAtMs: number;
  readonly #closed = Promise.withResolvers<void>();
  #endedFirst: 'edge' | 'target' = 'edge';
  #end: End | undefined;
  #detached = false;

  constructor(options: ConnectionOptions) {
    const { stream, socket, clock } = options;
    this.#options = options;
    this.#openedAtMs = clock.monotonic();
    // The edge's end is passed on by ending the socket: where that has not happened yet, the target was first.
    socket.once('end', () => {
      if (!socket.writableEnded) this.#endedFirst = 'target';
    });
    stream.onClosed(() => {
      this.#end = this.#whatEndedIt();
      this.#closed.resolve();
    });
  }

  /** Resolves once the stream is closed; never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  opened(): void {
    const { stream, socket } = this.#options;
    const address = socket.remoteAddress ?? 'unknown';
    this.#log('connection.open', { address }, 'connection open');
    this.#options.emit({ event: 'connection.open', ...this.#options.info, address });
    // Its path may have been lost while the target was dialed.
    if (stream instanceof StreamEnd && !stream.closed && !stream.attached) this.detached();
  }

  /** The path is gone. */
  detached(): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#options.trace?.detached();
    this.#log('connection.detach', {}, 'connection without a path');
    this.#options.emit({ event: 'connection.detach', ...this.#options.info });
  }

  /** There is another path. */
  resumed(gapMs: number, replayedBytes: number): void {
    this.#detached = false;
    this.#options.trace?.resumed(gapMs, replayedBytes);
    const gap = Math.round(gapMs);
    this.#log('connection.resume', { gap_ms: gap, replayed_bytes: replayedBytes }, 'connection resumed');
    this.#options.emit({ event: 'connection.resume', ...this.#options.info, gapMs: gap, replayedBytes });
  }

  /** Tells the end, once it has come. */
  told(): void {
    if (this.#end === undefined) return;
    const { closedBy, reason } = this.#end;
    const { socket, clock, info, emit, trace } = this.#options;
    trace?.closed(reason, closedBy === 'agent');
    const totals = {
      bytesToTarget: socket.bytesWritten,
      bytesFromTarget: socket.bytesRead,
      durationMs: Math.round(clock.monotonic() - this.#openedAtMs),
    };
    const { bytesToTarget: bytes_in, bytesFromTarget: bytes_out, durationMs: duration_ms } = totals;
    const fields = { bytes_in, bytes_out, duration_ms, closed_by: inCommonWords(this.#end), reason };
    this.#log('connection.close', fields, 'connection closed');
    emit({ event: 'connection.close', ...info, ...totals, closedBy, reason });
  }

  /** Looked at in the moment of the end: a socket that is destroyed by then is the cause of it, not its consequence. */
  #whatEndedIt(): End {
    const { stream, socket } = this.#options;
    const broken = stream instanceof StreamEnd ? stream.broken : undefined;
    if (broken === undefined) return { closedBy: this.#endedFirst, reason: 'end' };
    const reason = broken.code as ErrorCode; // decoded into a known one where it came from the peer
    if (stream instanceof StreamEnd && stream.brokenBy === 'peer') return { closedBy: 'edge', reason };
    return { closedBy: socket.destroyed ? 'target' : 'agent', reason };
  }

  #log(event: string, fields: LogFields, message: string): void {
    this.#options.logger.info({ ...this.#options.logFields, event, ...fields }, message);
  }
}

/** An agent's event says at which of its two sides it was; logs say the same in every process. */
function inCommonWords({ closedBy: by, reason }: End): EdgeClosedBy {
  if (by === 'agent') return 'culvert';
  return closedBy(by === 'edge' ? 'browser' : 'target', reason);
}
