import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { runInNewContext } from 'node:vm';
import { type Cluster, createKey } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { openChromium } from '../../support/chromium.ts';
import { localProxyFor } from '../../support/local-proxy-process.ts';
import { connectVia, credentialsOf, getVia, withCredentials } from '../../support/proxy-client.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';
import { makeCertificate, type PrivateCertificate } from './certificates.ts';
import { type PrivateApp, startPrivateApp } from './private-app.ts';
import { visit } from './visit.ts';

/** Only the agent knows what it means. */
const HOST = 'app.private.internal';

describe('Chromium, at a private app', () => {
  let test: TestCluster;
  let cluster: Cluster;
  let certificate: PrivateCertificate;
  let plain: PrivateApp;
  let secure: PrivateApp;
  let agent: ServingAgent;
  let key: string;

  before(async () => {
    certificate = await makeCertificate(HOST);
    [plain, secure] = await Promise.all([startPrivateApp(), startPrivateApp(certificate)]);
    test = await openCluster({ workers: 2 });
    ({ cluster } = test);
    await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    ({ key } = await createKey(cluster.api, 'acme', 'agent', 'test'));
    agent = await serveWith(cluster, {
      key,
      name: 'app',
      allow: [`${HOST}:${plain.port}`, `${HOST}:${secure.port}`],
      hosts: { [HOST]: '127.0.0.1' },
    });
  });

  after(async () => {
    await Promise.all([plain, secure].map((app) => app[Symbol.asyncDispose]()));
    await test.end();
  });

  it('through the gateway', async () => {
    await using chromium = await openChromium({ proxy: agent.proxy });
    await visit(chromium.page, `http://${HOST}:${plain.port}`);
  });

  it('through the gateway, over HTTPS with a CA of its own, and wss', async () => {
    await using chromium = await openChromium({ proxy: agent.proxy, trustedKeys: [certificate.spki] });
    await visit(chromium.page, `https://${HOST}:${secure.port}`);
  });

  it('trusts no other certificate in between: the handshake is the browser’s with the app', async () => {
    await using chromium = await openChromium({ proxy: agent.proxy });
    await assert.rejects(chromium.page.goto(`https://${HOST}:${secure.port}/`), /ERR_CERT_AUTHORITY_INVALID/);
    const { socket } = await connectVia(agent.proxy, `${HOST}:${secure.port}`);
    const tls = connectTls({ socket, servername: HOST, ca: certificate.ca });
    const call = request({ createConnection: () => tls, host: HOST, path: '/' });
    const words = await new Promise<string>((resolve, reject) => {
      call.on('response', (response) => void text(response).then(resolve, reject)).on('error', reject);
      call.end();
    });
    assert.match(words, /A private app/);
    assert.equal(tls.authorized, true);
    tls.destroy();
  });

  it('through the owner’s own address', async () => {
    const { node } = await cluster.api.call<{ node: { proxy: string } }>('GET', `/sessions/${agent.sessionId}/route`);
    const { username, password } = credentialsOf(agent.proxy);
    await using chromium = await openChromium({ proxy: withCredentials(node.proxy, username, password) });
    await visit(chromium.page, `http://${HOST}:${plain.port}`);
  });

  it('through a local proxy, which asks for no credentials', async () => {
    const local = localProxyFor(cluster, key, agent.sessionId);
    const { proxy } = await local.start();
    try {
      await using chromium = await openChromium({ proxy: String(proxy), trustedKeys: [certificate.spki] });
      await visit(chromium.page, `http://${HOST}:${plain.port}`);
      await visit(chromium.page, `https://${HOST}:${secure.port}`);
    } finally {
      await local.stop();
    }
  });

  it('by PAC: its file names the gateways, or the owner, and no way around them', async () => {
    const gateways = cluster.gateways.map((gateway) => `PROXY ${new URL(gateway.address('proxy')).host}`);
    const owner = cluster.workers.find(({ id }) => id === agent.node);
    const direct = `PROXY ${new URL(owner?.address('proxy') ?? '').host}`;
    for (const [url, expected] of [
      [agent.pac, gateways.join('; ')],
      [`${agent.pac}&via=direct`, direct],
    ] as const) {
      const response = await fetch(url);
      assert.equal(response.headers.get('content-type')?.split(';')[0], 'application/x-ns-proxy-autoconfig');
      const script = await response.text();
      for (const target of [`http://${HOST}/`, 'https://example.com/', 'http://localhost/', 'ws://127.0.0.1:1/']) {
        const call = `FindProxyForURL(${JSON.stringify(target)}, ${JSON.stringify(new URL(target).hostname)})`;
        assert.equal(runInNewContext(`${script}\n${call}`), expected);
      }
    }
    const [first] = gateways;
    const named = `http://${first?.replace('PROXY ', '')}`;
    const { username, password } = credentialsOf(agent.proxy);
    const { status } = await getVia(withCredentials(named, username, password), `http://${HOST}:${plain.port}/`);
    assert.equal(status, 200);
  });
});
