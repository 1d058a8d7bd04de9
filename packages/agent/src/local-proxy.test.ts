import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { CulvertError } from '@culvert/base';
import { type ApiReply, problem, startFakeApi } from '../test/fakes.ts';
import { MiniWorker } from '../test/mini-worker.ts';
import { collect } from '../test/target.ts';
import { type LocalProxyOptions, startLocalProxy } from './local-proxy.ts';

const SESSION = 's_0123456789abcdef';

let app: Server;
let port: number;
before(async () => {
  app = createServer((request, response) => response.end(`you asked for ${request.url}`)).listen(0, '127.0.0.1');
  await once(app, 'listening');
  port = (app.address() as AddressInfo).port; // a TCP listener has no other kind of address
});
after(() => app.close());

let worker: MiniWorker;
let other: MiniWorker;
let api: Awaited<ReturnType<typeof startFakeApi>>;
let reply: (path: string) => ApiReply;
beforeEach(async () => {
  worker = await new MiniWorker('w1').start();
  other = await new MiniWorker('w2').start();
  reply = () => route(worker);
  api = await startFakeApi(({ path }) => reply(path));
});
afterEach(() => Promise.all([worker.close(), other.close(), api.close()]));

function route(owner: MiniWorker): ApiReply {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  return {
    status: 200,
    body: {
      session: SESSION,
      epoch: 1,
      state: 'idle',
      node: { id: owner.nodeId, proxy: null, link: owner.url },
      gateways: [],
      link: { url: owner.url, ticket: `ticket-${owner.nodeId}`, expiresAt, node: owner.nodeId },
    },
  };
}

const start = (options: Partial<LocalProxyOptions> = {}) =>
  startLocalProxy({ api: api.url, key: 'k_1', session: SESSION, ...options });

/** `GET http://app.internal:port/path` through the proxy, without credentials. */
async function get(proxy: string, path = '/hello'): Promise<{ status: number; code: unknown; body: string }> {
  const { hostname, port: proxyPort } = new URL(proxy);
  const request = httpRequest({
    host: hostname,
    port: proxyPort,
    path: `http://app.internal:${port}${path}`,
    agent: false,
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage]; // the event's one argument
  return {
    status: response.statusCode ?? 0,
    code: response.headers['x-culvert-error'],
    body: await collect(response),
  };
}

test('requests and tunnels go to the owner that the API names, with its ticket and without credentials', async () => {
  await using proxy = await start();
  assert.deepEqual(await get(proxy.url), { status: 200, code: undefined, body: 'you asked for /hello' });
  assert.deepEqual(worker.tickets, ['Bearer ticket-w1']);
  assert.equal(worker.opened[0]?.sessionId, SESSION);
  assert.equal(worker.opened[0]?.host, 'app.internal');
  assert.equal(api.calls[0]?.path, `/v1/sessions/${SESSION}/route`);
  assert.equal(api.calls[0]?.authorization, 'Bearer k_1');

  const { hostname, port: proxyPort } = new URL(proxy.url);
  const tunnel = connect(Number(proxyPort), hostname);
  tunnel.write(`CONNECT app.internal:${port} HTTP/1.1\r\nHost: app.internal:${port}\r\n\r\n`);
  const [established] = await once(tunnel, 'data');
  assert.match(String(established), /^HTTP\/1\.1 200 /);
  tunnel.write('GET /in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await collect(tunnel), /you asked for \/in$/);
  assert.equal(api.calls.length, 1, 'the owner is looked up once');
});

test('an owner that has changed is looked up again', async () => {
  await using proxy = await start();
  await get(proxy.url);
  worker.refuseOpens = new CulvertError('wrong_owner', 'not here');
  reply = () => route(other);
  assert.equal((await get(proxy.url)).status, 200);
  assert.deepEqual(other.tickets, ['Bearer ticket-w2']);
});

test('a name is looked up; nobody there is a 503 that heals', async () => {
  const named = (items: unknown[]): ApiReply => ({ status: 200, body: { items, next: null } });
  reply = () => named([]);
  await using proxy = await start({ session: 'demo' });
  assert.equal(await proxy.check(), false);
  assert.deepEqual([(await get(proxy.url)).status, (await get(proxy.url)).code], [503, 'session_offline']);
  reply = (path) =>
    path.startsWith('/v1/sessions?')
      ? named([
          { id: 's_x', name: 'demo-2' },
          { id: SESSION, name: 'demo' },
        ])
      : route(worker);
  assert.equal(await proxy.check(), true);
  assert.equal((await get(proxy.url)).status, 200);
  assert.equal(worker.opened[0]?.sessionId, SESSION);
});

test('with the API away the known owner is still used; without one it is a 503 that says why', async () => {
  await using proxy = await start();
  await get(proxy.url);
  reply = () => problem(503, 'registry_unavailable');
  assert.equal((await get(proxy.url)).status, 200);
  await using blind = await start();
  const answer = await get(blind.url);
  assert.deepEqual([answer.status, answer.code], [503, 'session_offline']);
  assert.match(answer.body, /cannot be looked up/);
});

test('a PAC file points here, anything else in origin form is told what this is', async () => {
  await using proxy = await start();
  const pac = await fetch(proxy.pac);
  assert.equal(pac.headers.get('content-type'), 'application/x-ns-proxy-autoconfig');
  assert.match(await pac.text(), new RegExp(`"PROXY 127\\.0\\.0\\.1:${new URL(proxy.url).port}"`));
  assert.equal((await fetch(proxy.url)).status, 400);
});

test('it listens on loopback only, unless told otherwise', async () => {
  for (const listen of ['0.0.0.0:0', '[::]:0', '10.0.0.1:80', 'example.test:80', '0:0']) {
    await assert.rejects(start({ listen }), { code: 'config_invalid', message: /can be reached from other machines/ });
  }
  for (const listen of ['', '127.0.0.1', ':80', '127.0.0.1:x', '127.0.0.1:70000']) {
    await assert.rejects(start({ listen }), { code: 'config_invalid', message: /is not host:port/ });
  }
  await using remote = await start({ listen: '0.0.0.0:0', allowRemote: true });
  assert.match(remote.url, /^http:\/\/0\.0\.0\.0:\d+$/);
});
