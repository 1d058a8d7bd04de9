import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type PrivateApp, startPrivateApp } from '../customers/app.ts';
import type { LoadOptions, LoadResult, Vu } from '../index.ts';
import { runOn } from '../run-load.ts';
import type { LoadSite } from '../site.ts';
import { type BareProxy, startBareProxy } from '../testing/bare-proxy.ts';

const valuesOf = ({ metrics }: Pick<LoadResult, 'metrics'>, wanted: string): Readonly<Record<string, number>> =>
  metrics.find(({ name }) => name === wanted)?.values ?? {};
const GAPS = { count: 0, p50: 0, p99: 0, max: 0 };

describe('the traffic of a VU', () => {
  let app: PrivateApp;
  let proxy: BareProxy;
  let site: LoadSite;

  beforeEach(async () => {
    app = await startPrivateApp();
    proxy = await startBareProxy();
    const { webPort, echoPort } = app;
    const session = { sessionId: 's', username: 'u', password: 'p', host: 'app.internal', webPort, echoPort };
    site = {
      ...{ sessions: [session], proxies: [proxy.url], api: undefined, ended: [], close: async () => undefined },
      counts: async () => ({ sessions: 1, reconnects: 0, resumed: 0, gaps: GAPS, accepted: app.accepted }),
    };
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await app.close();
  });

  const run = (work: (vu: Vu) => Promise<unknown>, options: LoadOptions = { iterations: 1 }): Promise<LoadResult> =>
    runOn({ options, default: work }, site);

  it('is one connection for all requests that are kept on it, and one for each that is not', async () => {
    const { counts } = await run(async (vu) => {
      for (let i = 0; i < 3; i += 1) await vu.http.get('/hello');
      for (let i = 0; i < 2; i += 1) await vu.http.get('/hello', { keepAlive: false });
    });
    const { attempted, opened, finished } = counts.connections.http;
    assert.deepEqual([attempted, opened, finished], [3, 3, 3]);
  });

  it('is refused, with the code', async () => {
    proxy.refuse('session_offline');
    const { counts, metrics } = await run(async (vu) => {
      const response = await vu.http.get('/hello');
      assert.deepEqual([response.status, response.code], [503, 'session_offline']);
      await vu.connect(async () => assert.fail('it is not open'));
    });
    const { http, connect } = counts.connections;
    assert.deepEqual([http.failed, connect.failed], [{ session_offline: 1 }, { session_offline: 1 }]);
    assert.equal(metrics.find(({ name }) => name === 'http_req_failed')?.values.rate, 1);
    assert.equal(app.accepted, 0);
  });

  it('gets no answer where nobody listens', async () => {
    await proxy[Symbol.asyncDispose]();
    const { counts } = await run(async (vu) => {
      await vu.http.get('/hello');
      await vu.connect(async () => undefined);
      await vu.websocket(async () => undefined);
    });
    for (const { attempted, opened, unanswered } of Object.values(counts.connections)) {
      assert.deepEqual([attempted, opened, unanswered], [1, 0, { ECONNREFUSED: 1 }]);
    }
    proxy = await startBareProxy(); // for the end of the test
  });

  it('is lost when it is cut, in the middle of a talk or of an answer', async () => {
    const { counts, errors } = await run(async (vu) => {
      const tunnel = await vu.connect(async (conversation) => {
        await conversation.talk({ for: '30ms', every: '10ms' });
        proxy.cut();
        await conversation.talk({ for: '5s', every: '10ms' });
      });
      assert.ok(tunnel.lost);
      proxy.cutAnswers(1_000_000);
      const download = await vu.http.download(50_000_000);
      assert.notEqual(download.error, '');
    });
    assert.deepEqual(errors, []);
    for (const { opened, finished, lost } of [counts.connections.connect, counts.connections.http]) {
      assert.deepEqual([opened, finished, Object.values(lost)], [1, 0, [1]]);
    }
    assert.equal(counts.wrongBytes, 0);
  });

  it('is measured from when its iteration was due', async () => {
    const executor = { executor: 'constant-arrival-rate', rate: 20, duration: '200ms', preAllocatedVUs: 5 } as const;
    let first = true;
    const { metrics } = await run(
      async (vu) => {
        if (first) {
          first = false;
          // The load generator stands still: the iterations due at 50, 100 and 150 ms begin at 250 ms at the earliest.
          const until = performance.now() + 250;
          while (performance.now() < until);
        }
        await vu.http.get('/hello', { keepAlive: false });
      },
      { scenarios: { executor } },
    );
    const [duration, waiting] = ['http_req_duration', 'http_req_waiting'].map((name) => valuesOf({ metrics }, name));
    assert.equal(duration?.count, 4);
    const charged = 4 * ((duration?.avg ?? 0) - (waiting?.avg ?? 0));
    assert.ok(charged >= 200 + 150 + 100, `${charged} ms, of four requests`);
  });

  it('is not charged with the time that the script lets pass', async () => {
    const { metrics } = await run(async (vu) => {
      await vu.sleep(1);
      await vu.http.get('/hello');
    });
    const [duration, waiting] = ['http_req_duration', 'http_req_waiting'].map((name) => valuesOf({ metrics }, name));
    assert.ok((duration?.max ?? 0) - (waiting?.max ?? 0) < 1_000);
  });

  it('is interrupted at the end of its time, and that is neither a failure nor an iteration', async () => {
    const scenario = { executor: 'constant-vus', vus: 2, duration: '50ms', gracefulStop: '100ms' } as const;
    const { counts, metrics } = await run((vu) => vu.connect((tunnel) => tunnel.talk({ for: '1m', every: '10ms' })), {
      scenarios: { scenario },
    });
    const { opened, interrupted, lost } = counts.connections.connect;
    assert.deepEqual([opened, interrupted, lost], [2, 2, {}]);
    assert.equal(
      metrics.find(({ name }) => name === 'iterations'),
      undefined,
    );
  });
});
