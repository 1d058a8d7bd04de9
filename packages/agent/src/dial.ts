import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { CulvertError, type ErrorCode } from '@culvert/base';
import type { Address } from './address.ts';
import { errorCodeOf } from './resolve.ts';

/** RFC 8305 section 8: the recommended delay between two connection attempts. */
export const ATTEMPT_DELAY_MS = 250;

/** More addresses than this are not tried: one target must not become a port scan of a long DNS answer. */
const MAX_ATTEMPTS = 16;

/** Probes find targets that vanished without a FIN; the kernel's default of two hours is no help to a browser. */
const KEEP_ALIVE_DELAY_MS = 30_000;

export interface DialOptions {
  /** Checked already; exactly these are dialed, no name is looked up again. At least one. */
  readonly addresses: readonly Address[];
  readonly port: number;
  /** Ends the dial; the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly attemptDelayMs?: number;
  /** For tests. */
  readonly connect?: (options: TcpNetConnectOpts) => Socket;
}

/**
 * Connects to the first address that answers (happy eyeballs, RFC 8305): families take turns, the next attempt starts
 * when the last one failed or after `attemptDelayMs`, and the losers are destroyed.
 * Rejects with `target_unreachable`, or `target_timeout` when no address answered, or `limit_exceeded` when this
 * process is out of file descriptors.
 */
export function dial(options: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const race = new Race(options, resolve, reject);
    race.start();
  });
}

class Race {
  readonly #options: DialOptions;
  readonly #queue: Address[];
  readonly #running = new Set<Socket>();
  readonly #failures: Failure[] = [];
  readonly #resolve: (socket: Socket) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #aborted = (): void => this.#fail(this.#options.signal.reason);
  #nextAttempt: ReturnType<typeof setTimeout> | undefined;
  #settled = false;

  constructor(options: DialOptions, resolve: (socket: Socket) => void, reject: (reason: unknown) => void) {
    this.#options = options;
    this.#queue = interleaveFamilies(options.addresses).slice(0, MAX_ATTEMPTS);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal } = this.#options;
    if (signal.aborted) {
      this.#fail(signal.reason);
      return;
    }
    signal.addEventListener('abort', this.#aborted, { once: true });
    this.#attempt();
  }

  #attempt(): void {
    clearTimeout(this.#nextAttempt);
    const address = this.#queue.shift();
    if (!address) {
      if (this.#running.size === 0) this.#fail(summarise(this.#failures));
      return;
    }
    const socket = (this.#options.connect ?? connect)({
      host: address.text,
      port: this.#options.port,
      family: address.family,
      autoSelectFamily: false,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
    });
    this.#running.add(socket);
    socket.once('connect', () => this.#won(socket));
    // Stays on the winner too: an error before its new owner listens must not end the process.
    socket.on('error', (error) => {
      if (!this.#running.delete(socket) || this.#settled) return;
      this.#failures.push({ address, port: this.#options.port, error });
      this.#attempt();
    });
    if (this.#queue.length > 0) {
      this.#nextAttempt = setTimeout(() => this.#attempt(), this.#options.attemptDelayMs ?? ATTEMPT_DELAY_MS);
    }
  }

  #won(socket: Socket): void {
    if (this.#settled) return;
    this.#running.delete(socket);
    this.#settle();
    this.#resolve(socket);
  }

  #fail(reason: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#nextAttempt);
    this.#options.signal.removeEventListener('abort', this.#aborted);
    for (const socket of this.#running) socket.destroy();
    this.#running.clear();
  }
}

interface Failure {
  readonly address: Address;
  readonly port: number;
  readonly error: Error;
}

/** Families take turns, starting with the one that the resolver put first (RFC 8305 section 4); duplicates go. */
export function interleaveFamilies(addresses: readonly Address[]): Address[] {
  const unique = [...new Map(addresses.map((address) => [address.text, address])).values()];
  const first = unique.filter((address) => address.family === unique[0]?.family);
  const second = unique.filter((address) => address.family !== unique[0]?.family);
  const mixed: Address[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i += 1) {
    mixed.push(...first.slice(i, i + 1), ...second.slice(i, i + 1));
  }
  return mixed;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EHOSTUNREACH: 'cannot be reached: no route to the host',
  ENETUNREACH: 'cannot be reached: no route to its network',
  EADDRNOTAVAIL: 'cannot be reached from this machine',
  EACCES: 'may not be dialed from this machine',
  ETIMEDOUT: 'did not answer',
};

function summarise(failures: readonly Failure[]): CulvertError {
  const codes = failures.map(({ error }) => errorCodeOf(error));
  const shown = failures.slice(0, 3).map(({ address, port, error }, index) => {
    const host = address.family === 6 ? `[${address.text}]` : address.text;
    const code = codes[index];
    return `${host}:${port} ${(code && WORDS[code]) ?? 'failed'} (${code ?? error.message})`;
  });
  const more = failures.length > shown.length ? `; and ${failures.length - shown.length} more` : '';
  return new CulvertError(codeFor(codes), `${shown.join('; ')}${more}`, { cause: failures.at(-1)?.error });
}

function codeFor(codes: readonly (string | undefined)[]): ErrorCode {
  if (codes.some((code) => code === 'EMFILE' || code === 'ENFILE')) return 'limit_exceeded';
  return codes.length > 0 && codes.every((code) => code === 'ETIMEDOUT') ? 'target_timeout' : 'target_unreachable';
}
