import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Clock, silentLogger } from '@culvert/base';
import { createMetrics } from '@culvert/telemetry/testing';
import { createAdminServer } from './admin.ts';
import { addBelievedRoute } from './believed.ts';
import { Health } from './health.ts';
import { addRetireRoute, Retirement } from './retirement.ts';
import { ClusterSecret } from './secret.ts';

const secret = ClusterSecret.parse('an example secret of 32 bytes or more');

/** Time that only the test moves. */
class TestClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<() => void, number>();

  now = (): number => this.#nowMs;
  monotonic = (): number => this.#nowMs;

  after(delayMs: number, run: () => void): () => void {
    this.#timers.set(run, this.#nowMs + delayMs);
    return () => this.#timers.delete(run);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const [run, atMs] of this.#timers) {
      if (atMs > this.#nowMs) continue;
      this.#timers.delete(run);
      run();
    }
  }

  get timers(): number {
    return this.#timers.size;
  }
}

function setUp() {
  const clock = new TestClock();
  const work = Promise.withResolvers<void>();
  const seen: string[] = [];
  let deadline: AbortSignal | undefined;
  const retirement = new Retirement({
    work: (signal) => {
      seen.push('work');
      deadline = signal;
      return work.promise;
    },
    changed: (state) => seen.push(state),
    failed: (error) => seen.push(String(error)),
    logger: silentLogger,
    clock,
  });
  const order = (key: string, fence = 7, deadlineMs = 1_000): void =>
    retirement.order({ deployment: 'd_1', fence, key, deadlineMs });
  return { clock, work, seen, retirement, order, isLate: () => deadline?.aborted };
}

describe('a retirement', () => {
  it('begins once, whoever asks how often, and is over when nothing is left', async () => {
    const { clock, work, seen, retirement, order, isLate } = setUp();
    assert.deepEqual([retirement.state, retirement.signal.aborted], ['off', false]);
    order('a');
    order('a');
    order('b', 8);
    assert.deepEqual([seen, retirement.state, retirement.signal.aborted], [['retiring', 'work'], 'retiring', true]);
    work.resolve();
    await new Promise(setImmediate);
    assert.deepEqual([seen, retirement.state], [['retiring', 'work', 'empty'], 'empty']);
    order('c', 9);
    assert.equal(retirement.state, 'empty');
    clock.advance(10_000);
    assert.deepEqual([seen.length, isLate(), clock.timers], [3, false, 0]);
  });

  it('refuses orders of an older fence than it has seen, also before it began', () => {
    const { retirement, order, seen } = setUp();
    order('a', 7);
    assert.throws(() => order('b', 6, 0), { code: 'fenced' });
    order('c', 9);
    assert.throws(() => order('c', 8), { code: 'fenced' });
    assert.deepEqual([retirement.state, seen.length], ['retiring', 2]);
  });

  it('ends at the nearest of its deadlines; an order that was carried out brings no other', () => {
    const { clock, order, isLate } = setUp();
    order('a', 7, 1_000);
    order('a', 7, 1);
    order('b', 7, 5_000);
    clock.advance(999);
    assert.equal(isLate(), false);
    clock.advance(1);
    assert.equal(isLate(), true);
    const other = setUp();
    other.order('a', 7, 1_000_000);
    other.order('force', 7, 0);
    other.clock.advance(0);
    assert.equal(other.isLate(), true);
    assert.equal(other.clock.timers, 0);
  });

  it('tells when its work fails, and does not say that the node is empty', async () => {
    const { work, seen, retirement, order } = setUp();
    order('a');
    work.reject(new Error('boom'));
    await new Promise(setImmediate);
    assert.deepEqual([seen, retirement.state], [['retiring', 'work', 'Error: boom'], 'retiring']);
  });
});

describe('admin endpoints for deployments', () => {
  async function serve(t: TestContext) {
    const health = new Health();
    const metrics = createMetrics({ role: 'gateway', version: '1', node_id: 'g1' });
    const listen = { host: '127.0.0.1', port: 0 };
    const admin = createAdminServer({ listen, advertiseHost: null, secret, health, metrics, logger: silentLogger });
    t.after(async () => {
      await admin.close();
      await metrics.close();
    });
    return { admin, health };
  }

  it('POST /retire answers at once, and the node is not ready from then on, with the reason', async (t) => {
    const { admin, health } = await serve(t);
    const { retirement, work } = setUp();
    addRetireRoute({ admin, health }, retirement);
    const url = await admin.listen();
    const retire = async (body: object) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/retire`, { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, (await response.json()) as Record<string, unknown>] as const;
    };
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const order = { deployment: 'd_1', fence: 7, key: 'd_1/g1/busy/0', deadlineMs: 1_000 };
    for (const wrong of [{}, { ...order, fence: -1 }, { ...order, key: '' }, { ...order, deadlineMs: '1' }]) {
      const [status, { code }] = await retire(wrong);
      assert.deepEqual([status, code, retirement.state], [400, 'invalid_request', 'off']);
    }
    assert.deepEqual(await retire(order), [202, { state: 'retiring' }]);
    const ready = await fetch(`${url}/readyz`);
    const reasons = ['retirement: the node is being replaced'];
    assert.deepEqual([ready.status, await ready.json()], [503, { ready: false, reasons }]);
    const [status, { code }] = await retire({ ...order, fence: 6, key: 'late' });
    assert.deepEqual([status, code], [409, 'fenced']);
    work.resolve();
    await new Promise(setImmediate);
    assert.deepEqual(await retire({ ...order, key: 'again' }), [202, { state: 'empty' }]);
  });

  it('GET /believed-nodes/:id says what the process goes by', async (t) => {
    const { admin } = await serve(t);
    addBelievedRoute(admin.app, async (id) =>
      id === 'w1' ? { boot: 'b1', state: 'cordoned', cordoned: true } : undefined,
    );
    const url = await admin.listen();
    const believed = async (id: string) => (await fetch(`${url}/believed-nodes/${id}`)).json();
    assert.deepEqual(await believed('w1'), { known: true, boot: 'b1', state: 'cordoned', cordoned: true });
    assert.deepEqual(await believed('w2'), { known: false, boot: null, state: null, cordoned: false });
  });
});
