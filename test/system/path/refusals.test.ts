import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { connectAgent } from '@culvert/agent';
import { createKey } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { eventually } from '../../support/eventually.ts';
import { connectVia, getVia, type ProxyAnswer, withCredentials } from '../../support/proxy-client.ts';
import { startHangingTarget } from '../../support/targets/hanging-target.ts';
import { startTcpTarget, startWebTarget } from '../../support/targets/target.ts';
import { HOST, Path, WAYS, type Way } from './setup.ts';

const DENIED_HOST = 'denied.internal';
const FORMS = ['CONNECT', 'absolute URI'] as const;
type Form = (typeof FORMS)[number];

describe('refusals', { timeout: 60_000 }, () => {
  let path: Path;
  before(async () => {
    path = await Path.open({
      cluster: { workers: 1 },
      agent: {
        hosts: { [DENIED_HOST]: '127.0.0.1' },
        allow: [HOST, DENIED_HOST, '*.invalid'],
        deny: [`${DENIED_HOST}:1-65535`],
        // A resolver that cannot be reached must not be waited for.
        env: { RES_OPTIONS: 'timeout:1 attempts:1' },
      },
    });
  });
  after(() => path.end());

  for (const way of WAYS) {
    for (const form of FORMS) {
      describe(`${form} through the ${way} address`, () => {
        it('502 target_unreachable: the target refuses', async () => {
          const port = await closedPort();
          const answer = await ask(form, path.proxy(way), HOST, port);
          expectRefusal(form, answer, 502, 'target_unreachable', /refused the connection \(ECONNREFUSED\)/);
        });

        it('502 target_unreachable: the name resolves nowhere', async () => {
          const answer = await ask(form, path.proxy(way), 'nowhere.invalid', 80);
          expectRefusal(form, answer, 502, 'target_unreachable', /nowhere\.invalid/);
        });

        it('403 target_denied: a rule says so, and which', async () => {
          await using target = await startWebTarget((_request, response) => void response.end('reached'));
          const answer = await ask(form, path.proxy(way), DENIED_HOST, target.port);
          expectRefusal(form, answer, 403, 'target_denied', /denied by --deny denied\.internal:1-65535/);
          assert.equal(target.accepted, 0);
        });

        it('407 proxy_auth_required: wrong secret, unknown session, no credentials', async () => {
          for (const proxy of [
            withCredentials(path.proxy(way), path.agent.sessionId, 'wrong'),
            withCredentials(path.proxy(way), 's_0000000000000000', 'wrong'),
            withCredentials(path.proxy(way), '', ''),
          ]) {
            const answer = await ask(form, proxy, HOST, 80);
            expectRefusal(form, answer, 407, 'proxy_auth_required');
            assert.match(answer.headers['proxy-authenticate'] ?? '', /^Basic realm="culvert"/);
          }
        });
      });
    }
  }

  it('504 target_timeout: the target hangs', async () => {
    await using target = await startHangingTarget();
    await using agent = connectAgent({
      api: path.cluster.api.url,
      key: path.key,
      allow: [HOST],
      hosts: { [HOST]: '127.0.0.1' },
      dialDeadlineMs: 300,
    });
    const { sessionId, proxy } = await agent.ready;
    const { node } = await path.cluster.api.call<{ node: string }>('GET', `/sessions/${sessionId}`);
    const serving: ServingAgent = { ...path.agent, sessionId, proxy, node };
    await everyWay(serving, async (form, address) => {
      expectRefusal(form, await ask(form, address, HOST, target.port), 504, 'target_timeout', /within 300 ms/);
    });
  });

  it('503 session_offline, with Retry-After: the agent has gone', async () => {
    const agent = await serveWith(path.cluster, { key: path.key, allow: [HOST] });
    await agent.process.stop();
    await everyWay(agent, async (form, address) => {
      const answer = await ask(form, address, HOST, 80);
      expectRefusal(form, answer, 503, 'session_offline');
      assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
    });
  });

  it('429 limit_exceeded: the tenant’s limit of connections, until one of them ends', async () => {
    const { api } = path.cluster;
    await api.call('POST', '/tenants', { body: { id: 'small', limits: { connectionsPerSession: 1 } } });
    const { key } = await createKey(api, 'small', 'agent', 'of a limited tenant');
    const agent = await serveWith(path.cluster, { key, allow: [HOST], hosts: { [HOST]: '127.0.0.1' } });
    await using target = await startWebTarget((_request, response) => void response.end('let in'));
    const { socket } = await connectVia(agent.proxy, `${HOST}:${target.port}`);
    await everyWay(agent, async (form, address) => {
      const answer = await ask(form, address, HOST, target.port);
      expectRefusal(form, answer, 429, 'limit_exceeded', /limit of 1 connections/);
      assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
    });
    socket.destroy();
    await eventually('room for a connection', async () => {
      const { body } = await getVia(agent.proxy, `http://${HOST}:${target.port}/`);
      return body === 'let in';
    });
    await agent.process.stop();
  });

  for (const way of WAYS) {
    it(`a target that resets before it answers: 502 target_reset through the ${way} address`, async () => {
      await using target = await startTcpTarget((socket) => {
        socket.once('data', () => socket.resetAndDestroy());
      });
      const answer = await getVia(path.proxy(way), `http://${HOST}:${target.port}/`);
      expectRefusal('absolute URI', answer, 502, 'target_reset');
    });
  }

  it('leaves nothing open', () => path.expectNothingLeft());

  async function everyWay(agent: ServingAgent, check: (form: Form, proxy: string) => Promise<void>): Promise<void> {
    for (const way of WAYS satisfies readonly Way[]) {
      for (const form of FORMS) await check(form, path.proxy(way, agent));
    }
  }
});

async function ask(form: Form, proxy: string, host: string, port: number): Promise<ProxyAnswer> {
  if (form === 'absolute URI') return getVia(proxy, `http://${host}:${port}/`);
  const { answer, socket } = await connectVia(proxy, `${host}:${port}`);
  socket.destroy();
  return answer;
}

function expectRefusal(form: Form, answer: ProxyAnswer, status: number, code: string, words?: RegExp): void {
  assert.deepEqual([answer.status, answer.code], [status, code], answer.body);
  // The words are in the body, which a CONNECT's client seldom shows and node:http leaves on the socket.
  if (words && form === 'absolute URI') assert.match(answer.body, words);
}

/** A port where nobody listens: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
