import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { type Clock, CulvertError } from '@culvert/base';
import type { LiveSession } from '@culvert/contracts';
import type { SessionView } from '@culvert/registry';
import { type LatestSource, LatestStream } from '../streams/latest-stream.ts';
import { type Look, SessionLooker } from './look.ts';
import { SessionWatches } from './session-watches.ts';

const view: SessionView = {
  ...{ id: 's_1', name: null, tenant: 'acme', state: 'idle', node: 'w1', boot: 'b', pool: 'default', epoch: 1 },
  ...{ connections: 0, bytesIn: 0, bytesOut: 0, connectedAt: 0, changedAt: 0, labels: {}, agentId: 'a', keyId: 'k' },
};

/** A clock that a test moves; `ticked` resolves when somebody waits on it. */
class HandClock implements Clock {
  #now = 0;
  readonly #waiting = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    this.#waiting.set(run, this.#now + delayMs);
    return () => void this.#waiting.delete(run);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async move(ms: number): Promise<void> {
    this.#now += ms;
    for (const [run, at] of [...this.#waiting]) {
      if (at > this.#now) continue;
      this.#waiting.delete(run);
      run();
    }
    await settled();
  }
}

/** Everything that was resolved has been gone on with. */
async function settled(): Promise<void> {
  await new Promise(setImmediate);
}

/** Watches over a looker that counts how often it is asked. */
function setUp() {
  const clock = new HandClock();
  const looks: string[] = [];
  const look = async (id: string): Promise<{ look: Look; view: SessionView }> => {
    looks.push(id);
    return { look: { kind: 'gone' }, view };
  };
  return { clock, looks, watches: new SessionWatches({ looker: { look }, clock }) };
}

describe('a watch over a session', () => {
  it('looks once a second for all who watch, and hands a new one what was told last', async () => {
    const { clock, looks, watches } = setUp();
    const heard: string[][] = [[], []];
    const first = watches.of(view).watch((frame) => heard[0]?.push(frame));
    await settled();
    const second = watches.of(view).watch((frame) => heard[1]?.push(frame));
    assert.deepEqual([looks.length, heard[0]?.length, heard[1]?.length], [1, 1, 1]);
    await clock.move(999);
    assert.equal(looks.length, 1);
    await clock.move(1);
    assert.deepEqual([looks.length, heard[0]?.length, heard[1]?.length], [2, 2, 2]);
    first();
    second();
  });

  it('ends with the last who watches; the next one begins anew', async () => {
    const { clock, looks, watches } = setUp();
    const [first, second] = [watches.of(view).watch(() => undefined), watches.of(view).watch(() => undefined)];
    await settled();
    first();
    await clock.move(1_000);
    assert.deepEqual([looks.length, watches.size], [2, 1]);
    second();
    await settled();
    assert.deepEqual([watches.size, clock.waiting], [0, 0], 'nothing is left that would go on');
    await clock.move(5_000);
    assert.equal(looks.length, 2);
    watches.of(view).watch(() => undefined)();
    assert.equal(looks.length, 3);
  });
});

describe('a look at a session', () => {
  const refusal = new CulvertError('registry_unavailable');

  it('keeps what was known while the registry is away, and says why it is no newer', async () => {
    const getSession = () => Promise.reject(refusal);
    const ask = () => Promise.reject(new Error('must not be asked'));
    const looker = new SessionLooker({ registry: { getSession } as never, now: () => 0 }, { ask } as never);
    const { look } = await looker.look('s_1', view);
    const live: LiveSession | undefined = look.kind === 'live' ? look.live : undefined;
    assert.deepEqual([live?.session.id, live?.connections, live?.trouble], ['s_1', [], refusal.message]);
  });

  it('tells nobody what went wrong inside', async () => {
    const getSession = () => Promise.reject(new Error('secret detail'));
    const looker = new SessionLooker({ registry: { getSession } as never, now: () => 0 }, { ask: getSession } as never);
    const { look } = await looker.look('s_1', view);
    assert.doesNotMatch(JSON.stringify(look), /secret detail/);
  });
});

describe('a stream of latest values', { timeout: 30_000 }, () => {
  it('queues nothing for a client that takes nothing: it gets the newest next, or is let go', async (t) => {
    let tell: (frame: string) => void = () => undefined;
    const source: LatestSource = {
      watch(listener) {
        tell = listener;
        return () => undefined;
      },
    };
    const times = { keepAliveMs: 60_000, drainMs: 20_000, lingerMs: 100 };
    const buffered: number[] = [];
    const server = createServer((_request, response) => {
      void new LatestStream({ source, response, allowed: () => true, times }).run();
      const large = 'x'.repeat(1_000_000);
      for (let n = 1; n <= 200; n += 1) tell(`data: ${n} ${large}\n\n`);
      buffered.push(response.writableLength);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.ok(answer.body);
    let text = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('data: 200 ')) break;
    }
    assert.deepEqual(text.match(/data: \d+/g), ['data: 1', 'data: 200']);
    assert.ok((buffered[0] ?? 0) < 2_000_000, `${buffered[0]} bytes were kept for it`);
  });
});
