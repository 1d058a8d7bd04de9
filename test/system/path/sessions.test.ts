import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Connection, Session, SessionRoute } from '@culvert/contracts';
import type { LogLine, ManagedProcess } from '@culvert/local';
import { exitCodeOf, serveWith } from '../../support/agent-process.ts';
import { eventually } from '../../support/eventually.ts';
import { startTcpTarget, type Target } from '../../support/targets/target.ts';
import { askWorker } from './levels.ts';
import { HOST, Path, WAYS } from './setup.ts';

interface Page<T> {
  readonly items: readonly T[];
}

describe('a session, as the API tells it', { timeout: 60_000 }, () => {
  let path: Path;
  let echo: Target;
  before(async () => {
    path = await Path.open({ cluster: { workers: 1 } });
    echo = await startTcpTarget((socket) => socket.pipe(socket));
  });
  after(async () => {
    await echo[Symbol.asyncDispose]();
    await path.end();
  });

  for (const way of WAYS) {
    it(`tells the truth about a connection through the ${way} address, while it is open and after`, async () => {
      const { sessionId, node } = path.agent;
      // The registry hears of changes a moment later; the owner knows.
      const before = await askWorker<Session>(path.owner, `/sessions/${sessionId}`);
      const client = await path.rawTunnel(way, echo.port);
      client.send('hello');
      assert.equal(await client.take(5), 'hello');

      const busy = await eventually('a busy session', async () => {
        const found = await session(sessionId);
        return found.state === 'busy' && found.bytesOut === before.bytesOut + 5 && found;
      });
      assert.deepEqual([busy.node, busy.epoch, busy.connections], [node, before.epoch, 1]);
      assert.equal(busy.bytesIn, before.bytesIn + 5);
      const { items } = await api<Page<Session>>('GET', '/sessions?state=busy');
      assert.deepEqual(
        items.map(({ id }) => id),
        [sessionId],
      );
      await expectConnection(sessionId);

      client.end();
      await client.takeAll();
      const idle = await eventually('an idle session', async () => {
        const found = await session(sessionId);
        return found.state === 'idle' && found;
      });
      assert.deepEqual([idle.connections, idle.epoch], [0, before.epoch]);
      assert.deepEqual((await api<Page<Connection>>('GET', `/sessions/${sessionId}/connections`)).items, []);
    });
  }

  it('tells who owns it, and which ways lead there', async () => {
    const route = await api<SessionRoute>('GET', `/sessions/${path.agent.sessionId}/route`);
    const { session: id, state, node, gateways } = route;
    assert.deepEqual([id, state], [path.agent.sessionId, 'idle']);
    assert.equal(route.epoch, (await session(id)).epoch);
    const { owner, gateway } = path;
    assert.deepEqual(node, { id: owner.id, proxy: owner.address('proxy'), link: owner.address('link') });
    assert.deepEqual(gateways, [{ id: gateway.id, proxy: gateway.address('proxy') }]);
  });

  it('is not closed while it is busy, unless forced; its connections are broken off then', async () => {
    const agent = await serveWith(path.cluster, { key: path.key, allow: [HOST], hosts: { [HOST]: '127.0.0.1' } });
    const client = await path.rawTunnel('gateway', echo.port, agent);
    const refused = await path.cluster.api.request('DELETE', `/sessions/${agent.sessionId}`);
    assert.equal(refused.status, 409);
    assert.equal((refused.body as { code: string }).code, 'session_busy');
    client.send('still here');
    assert.equal(await client.take(10), 'still here');

    const closed = await path.cluster.api.request('DELETE', `/sessions/${agent.sessionId}?force=true`);
    assert.equal(closed.status, 204);
    await client.takeAll();
    assert.ok(client.error, 'an ordinary end would look as if the target had said everything');
    assert.equal(await exitCodeOf(path.test, agent.process.id), 4);
    await eventually('the session’s end at its owner', async () => {
      const { items } = await askWorker<Page<{ id: string }>>(path.worker(agent.node), '/sessions');
      return items.every(({ id }) => id !== agent.sessionId);
    });
  });

  it('tells its story in the logs of every process, told by session_id and connection_id', async () => {
    const { sessionId } = path.agent;
    const client = await path.rawTunnel('gateway', echo.port);
    const [connection] = (await api<Page<Connection>>('GET', `/sessions/${sessionId}/connections`)).items;
    assert.ok(connection);
    client.end('bye');
    assert.equal(await client.takeAll(), 'bye');
    for (const process of path.hops) {
      for (const event of ['connection.open', 'connection.close']) {
        const line = await process.waitForLog((found) => isOf(found, sessionId, connection.id, event));
        assert.match(line.ts ?? '', /^\d{4}-\d\d-\d\dT/, process.id);
        assert.ok(line.level && line.msg, process.id);
        assert.equal(line.node_id ?? process.id, process.id);
      }
    }
    await expectSessionOpened(path.owner, sessionId);
  });

  it('leaves nothing open', () => path.expectNothingLeft());

  function api<T>(method: string, where: string): Promise<T> {
    return path.cluster.api.call<T>(method, where);
  }

  function session(id: string): Promise<Session> {
    return api<Session>('GET', `/sessions/${id}`);
  }

  async function expectConnection(sessionId: string): Promise<void> {
    const { items } = await api<Page<Connection>>('GET', `/sessions/${sessionId}/connections`);
    const [connection] = items;
    assert.ok(connection);
    const { target, kind, bytesIn, bytesOut, attached, openedAt, lastByteAt } = connection;
    assert.deepEqual(
      { count: items.length, target, kind, bytesIn, bytesOut, attached },
      { count: 1, target: `${HOST}:${echo.port}`, kind: 'connect', bytesIn: 5, bytesOut: 5, attached: true },
    );
    assert.ok(Date.parse(openedAt) <= Date.parse(lastByteAt ?? ''));
  }
});

function isOf(line: LogLine, sessionId: string, connectionId: string, event: string): boolean {
  return line.session_id === sessionId && line.connection_id === connectionId && line.event === event;
}

async function expectSessionOpened(worker: ManagedProcess, sessionId: string): Promise<void> {
  const lines = await worker.log();
  assert.ok(lines.some(({ session_id, event }) => session_id === sessionId && event === 'session.open'));
}
