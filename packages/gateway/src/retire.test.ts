import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { CulvertError, Scope, silentLogger } from '@culvert/base';
import { ProxyServer } from '@culvert/edge';
import { RawClient } from '@culvert/edge/testing';
import type { Retirement } from '@culvert/service';
import { createRetirement } from './retire.ts';

const TICK = () => new Promise(setImmediate);

/** Links that pass through, as far as a retirement is concerned: ended when the test lets them be. */
class Links {
  readonly calls: string[] = [];
  readonly ended = Promise.withResolvers<void>();

  async stopListening(): Promise<void> {
    this.calls.push('stop listening');
  }

  end(): Promise<void> {
    this.calls.push('end');
    return this.ended.promise;
  }
}

/** A gateway's proxy whose sessions have no agent: each request that gets as far is answered with 504, after the test's word. */
async function setUp(t: TestContext) {
  const scope = new Scope();
  t.after(() => scope.close());
  const agent = Promise.withResolvers<never>();
  const proxy = new ProxyServer({
    resolver: { resolve: async () => ({ sessionId: 's_one', tenantId: 'acme', open: () => agent.promise }) },
    logger: silentLogger,
  });
  scope.defer('proxy', () => proxy.close());
  const links = new Links();
  const states: string[] = [];
  const retirement: Retirement = createRetirement({
    context: { logger: silentLogger, scope, fatal: (what, error) => assert.fail(`${what}: ${error}`) },
    proxy,
    passThrough: links,
    changed: () => states.push(retirement.state),
  });
  const { port } = await proxy.listen({ host: '127.0.0.1', port: 0, reusePort: process.platform === 'linux' });
  const client = async (): Promise<RawClient> => {
    const raw = await RawClient.connect(port);
    scope.defer('client', () => raw.close());
    return raw;
  };
  const answer = (): void => agent.reject(new CulvertError('target_timeout'));
  const retire = (key: string, deadlineMs: number): void =>
    retirement.order({ deployment: 'd_1', fence: 1, key, deadlineMs });
  return { proxy, port, links, states, client, answer, retire };
}

const ASK = 'GET http://app.internal/ HTTP/1.1\r\nhost: app.internal\r\nproxy-authorization: Basic czp4\r\n\r\n';

describe('a gateway that is being replaced', { timeout: 20_000 }, () => {
  it('answers what it has accepted, never with 503, and accepts nothing more', async (t) => {
    const { proxy, port, links, states, client, answer, retire } = await setUp(t);
    const [running, accepted] = [await client(), await client()];
    running.send(ASK);
    while (proxy.connections < 2) await TICK();
    retire('a', 60_000);
    while (proxy.http.listening) await TICK();
    accepted.send(ASK);
    answer();
    for (const raw of [running, accepted]) {
      const { status, headers } = await raw.answer();
      assert.deepEqual([status, headers.connection], [504, 'close']);
    }
    const refused = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      refused.once('error', () => resolve()).once('connect', () => reject(new Error('somebody still listens')));
    });
    while (proxy.connections > 0) await TICK();
    for (let turn = 0; turn < 5; turn += 1) await TICK();
    assert.deepEqual([links.calls, states], [['stop listening', 'end'], ['retiring']]);
    links.ended.resolve();
    while (states.length < 2) await TICK();
    assert.deepEqual(states, ['retiring', 'empty']);
  });

  it('ends the links of agents last, and cuts what is left at the deadline', async (t) => {
    const { proxy, links, client, retire } = await setUp(t);
    const raw = await client();
    raw.send(ASK);
    while (proxy.connections < 1) await TICK();
    retire('a', 60_000);
    while (proxy.http.listening) await TICK();
    assert.deepEqual([links.calls, proxy.connections], [['stop listening'], 1]);
    retire('force', 0);
    while (proxy.connections > 0) await TICK();
    while (links.calls.length < 2) await TICK();
    assert.deepEqual(links.calls, ['stop listening', 'end']);
  });
});
