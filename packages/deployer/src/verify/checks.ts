import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { CulvertError } from '@culvert/base';
import { WebSocket } from 'ws';
import type { Canary } from './canary.ts';
import { ask, take, tunnel, type Way } from './proxy-client.ts';
import { digestOf, largeBody } from './targets.ts';

/** Where a canary's session leads. */
export type Authorities = Pick<Canary, 'httpAuthority' | 'echoAuthority'>;

/** One kind of use of a session. */
export interface Check<S extends Authorities = Canary> {
  /** For facts. */
  readonly name: string;
  /** For people: what failed. */
  readonly words: string;
  readonly deadlineMs: number;
  /** Rejects if anything is otherwise than it should be. */
  readonly run: (canary: S, way: Way, signal: AbortSignal) => Promise<void>;
}

const ECHO_BYTES = 65_536;

export const HTTP: Check<Authorities> = {
  name: 'http',
  words: 'an HTTP request',
  deadlineMs: 5_000,
  async run({ httpAuthority }, way, signal) {
    const nonce = randomBytes(8).toString('hex');
    const answer = await ask(way, { method: 'GET', url: `http://${httpAuthority}/?${nonce}` }, signal);
    expectEqual(await text(answer), nonce, 'the answer');
  },
};

export const CONNECT: Check<Authorities> = {
  name: 'connect',
  words: 'a CONNECT tunnel',
  deadlineMs: 5_000,
  async run({ echoAuthority }, way, signal) {
    const socket = await tunnel(way, echoAuthority, signal);
    try {
      await echo(socket);
      // Its half-close has to arrive, and the other end's to come back.
      socket.end();
      socket.resume();
      if (!socket.readableEnded) await once(socket, 'end');
    } finally {
      socket.destroy();
    }
  },
};

export const WEB_SOCKET: Check<Authorities> = {
  name: 'websocket',
  words: 'a WebSocket',
  deadlineMs: 5_000,
  async run({ httpAuthority }, way, signal) {
    const socket = await tunnel(way, httpAuthority, signal);
    const ws = new WebSocket(`ws://${httpAuthority}/`, { createConnection: () => socket, perMessageDeflate: false });
    ws.on('error', () => undefined); // whoever waits is told; nobody does when the time is up
    try {
      await once(ws, 'open', { signal });
      for (const message of [randomBytes(8).toString('hex'), randomBytes(ECHO_BYTES)]) {
        const heard = once(ws, 'message', { signal });
        ws.send(message);
        const [data, isBinary] = (await heard) as [Buffer, boolean];
        expectEqual(isBinary, typeof message !== 'string', 'a message is binary');
        expectSame(data, Buffer.from(message), 'a message');
      }
      const closed = once(ws, 'close', { signal });
      ws.close(1000);
      expectEqual(((await closed) as [number])[0], 1000, 'the close code');
    } finally {
      ws.terminate();
    }
  },
};

export const LARGE: Check<Authorities> = {
  name: 'large',
  words: 'a body of 8 MiB',
  deadlineMs: 20_000,
  async run({ httpAuthority }, way, signal) {
    const url = `http://${httpAuthority}/large`;
    const body = largeBody();
    const expected = await digestOf([body]);
    expectEqual(await text(await ask(way, { method: 'POST', url, body }, signal)), expected, 'what was sent');
    expectEqual(await digestOf(await ask(way, { method: 'GET', url }, signal)), expected, 'what came');
  },
};

const RECONNECT: Check = {
  name: 'reconnect',
  words: "a connection whose agent's link is cut",
  deadlineMs: 15_000,
  async run(canary, way, signal) {
    const socket = await tunnel(way, canary.echoAuthority, signal);
    try {
      await echo(socket);
      canary.cutLink();
      await echo(socket); // on the way while there is no way, and whole after all
    } finally {
      socket.destroy();
    }
  },
};

/** What a new worker has to pass, in this order, before it gets anybody's sessions. */
export const WORKER_CHECKS: readonly Check[] = [HTTP, CONNECT, WEB_SOCKET, LARGE, RECONNECT];
/** What a new gateway has to pass. */
export const GATEWAY_CHECKS: readonly Check[] = [HTTP, CONNECT, WEB_SOCKET];

async function echo(socket: Awaited<ReturnType<typeof tunnel>>): Promise<void> {
  const sent = randomBytes(ECHO_BYTES);
  // Read while it is written: neither end has room for all of it.
  const came = take(socket, sent.length);
  socket.write(sent);
  expectSame(await came, sent, 'what came back');
}

function expectSame(came: Buffer, sent: Buffer, what: string): void {
  if (!came.equals(sent)) throw new CulvertError('offset_mismatch', `${what} is not what was sent`);
}

function expectEqual<T>(came: T, expected: T, what: string): void {
  if (came !== expected) throw new CulvertError('target_invalid_response', `${what}: ${came} instead of ${expected}`);
}
