import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Stream, StreamHandler } from '@culvert/mux';
import { splice } from './splice.ts';
import { openSockets, tcpPair } from './testing/tcp.ts';

/** A stream of which only the handler matters: the peer's part is played by the test. */
function scriptedStream(): { stream: Stream; peer: StreamHandler } {
  let handler: StreamHandler | undefined;
  const stream: Stream = {
    connectionId: 'c_1',
    credit: 1_000_000,
    unconsumed: 0,
    unacknowledged: 0,
    window: 0,
    bytesReceived: 0,
    bytesSent: 0,
    closed: false,
    write: () => undefined,
    end: () => undefined,
    consume: () => undefined,
    consumeEnd: () => undefined,
    reset: () => undefined,
    attach: (given) => {
      handler = given;
    },
    onClosed: () => undefined,
  };
  const attached = (): StreamHandler => {
    assert.ok(handler);
    return handler;
  };
  const peer: StreamHandler = {
    data: (payload) => attached().data(payload),
    end: () => attached().end(),
    reset: (code, message) => attached().reset(code, message),
    writable: () => attached().writable(),
  };
  return { stream, peer };
}

describe('a reset of the stream', () => {
  for (const [when, before] of [
    ['alone', () => undefined],
    ['right behind data', (peer) => peer.data(Buffer.from('data'))],
    ['right behind the end', (peer) => peer.end()],
    [
      'right behind data and the end',
      (peer) => {
        peer.data(Buffer.from('data'));
        peer.end();
      },
    ],
  ] satisfies [string, (peer: StreamHandler) => void][]) {
    it(`${when}: frees the socket`, async () => {
      const { near, far } = await tcpPair();
      far.on('error', () => undefined);
      const { stream, peer } = scriptedStream();
      splice(stream, near);
      const open = openSockets();
      const closed = once(near, 'close');
      before(peer);
      peer.reset('aborted', 'the browser broke off');
      await closed;
      assert.equal(openSockets(), open - 1);
      far.destroy();
    });
  }
});
