import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { SliRecorder } from '@culvert/telemetry';
import { Targets } from '../verify/targets.ts';
import { checkWay, countTally } from './way-checks.ts';

type Trouble = 'none' | 'refuses' | 'breaks off' | 'says nothing';

/** A proxy as it should be, or one whose tunnels are not. */
async function proxyTo(targets: Targets, tunnels: Trouble) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    sockets.add(socket);
  };
  const server = createServer((asked, answer) => {
    const { pathname, search } = new URL(asked.url ?? '/');
    const options = { host: '127.0.0.1', port: targets.httpPort, method: asked.method ?? 'GET', agent: false };
    const onward = request({ ...options, path: `${pathname}${search}` }, (came) => {
      answer.writeHead(came.statusCode ?? 502);
      came.pipe(answer);
    });
    asked.pipe(onward);
  });
  server.on('connection', keep);
  server.on('connect', ({ url }, browser: Socket) => {
    if (tunnels === 'says nothing') return;
    if (tunnels === 'refuses') {
      browser.end('HTTP/1.1 503 No\r\nx-culvert-error: draining\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const target = connect({ host: '127.0.0.1', port: Number(url?.split(':')[1]), allowHalfOpen: true }, () => {
      browser.write('HTTP/1.1 200 OK\r\n\r\n');
      if (tunnels === 'breaks off') browser.resetAndDestroy();
      else browser.pipe(target).pipe(browser);
    });
    keep(target);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** One way tried through such a proxy, and what was counted of it. */
async function tried(tunnels: Trouble, { withBody = false, signal = new AbortController().signal } = {}) {
  await using targets = await Targets.start();
  const deadlineMs = tunnels === 'says nothing' ? 1_500 : 5_000;
  const proxy = await proxyTo(targets, tunnels);
  const checked: string[] = [];
  const metrics = {
    checked: (check: string, ms: number | undefined) =>
      void checked.push(`${check} ${ms === undefined ? 'failed' : 'ok'}`),
    found: () => undefined,
  };
  try {
    const session = { httpAuthority: `t:${targets.httpPort}`, echoAuthority: `t:${targets.echoPort}` };
    const way = { node: 'g1', proxy: proxy.url, username: 's', password: 'p' };
    const result = await checkWay(session, way, withBody, { metrics, deadlineMs, signal });
    const counts = new SliRecorder().of('synthetic', 'culvert-canary');
    countTally(counts, result.tally);
    return { ...result, checked, counts: counts.total() };
  } finally {
    proxy.close();
  }
}

describe('the checks of one way', { timeout: 60_000 }, () => {
  it('use it in every way, and count what they opened', async () => {
    const { ms, failure, checked, counts } = await tried('none', { withBody: true });
    assert.equal(failure, undefined);
    assert.deepEqual(checked, ['http ok', 'connect ok', 'websocket ok', 'body ok']);
    assert.deepEqual(Object.keys(ms), ['http', 'connect', 'websocket', 'body']);
    assert.partialDeepStrictEqual(counts, { opened: 5, closed: 5, failed: 0, lost: 0 });
  });

  for (const [tunnels, code, count] of [
    ['refuses', 'draining', { opened: 1, failed: 1, lost: 0 }],
    ['says nothing', 'timeout', { opened: 1, failed: 1, lost: 0 }],
    ['breaks off', undefined, { opened: 2, failed: 0, lost: 1 }],
  ] as const) {
    it(`end at the first that fails: a proxy that ${tunnels}`, async () => {
      const { ms, failure, checked, counts } = await tried(tunnels);
      assert.equal(failure?.check, 'connect');
      if (code !== undefined) assert.equal(failure.code, code);
      assert.match(failure.message, /^a CONNECT tunnel: /);
      assert.deepEqual([Object.keys(ms), checked], [['http'], ['http ok', 'connect failed']]);
      assert.partialDeepStrictEqual(counts, count);
    });
  }

  it('that are called off find nothing out', async () => {
    const signal = AbortSignal.abort(new Error('called off'));
    await assert.rejects(tried('none', { signal }), /called off/);
  });
});
