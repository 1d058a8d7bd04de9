import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createKey, type LogLine, type ManagedProcess } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { type HelloApp, startHelloApp } from '../../support/hello-app.ts';
import { TunnelClient } from '../../support/tunnel-client.ts';
import { CULVERT_ENTRY, openCluster, type TestCluster } from '../../support/with-cluster.ts';

const HOST = 'app.internal';
const WORDS = 'the private app';

/** What each line of a role is to tell, beside its time, level and message. */
type Expected = readonly [role: string, fields: Readonly<Record<string, unknown>>];

describe('the story of a connection', { timeout: 120_000 }, () => {
  let test: TestCluster;
  let app: HelloApp;
  let agent: ServingAgent;
  let connectionId: string;
  let lines: LogLine[];

  before(async () => {
    app = await startHelloApp(WORDS);
    test = await openCluster({ workers: 2 });
    const { api } = test.cluster;
    await api.call('POST', '/tenants', { body: { id: 'acme' } });
    const { key } = await createKey(api, 'acme', 'agent', 'test');
    const allow = [`${HOST}:${app.port}`];
    agent = await serveWith(test.cluster, { id: 'agent', key, name: 'app', allow, hosts: { [HOST]: '127.0.0.1' } });
    const tunnel = await TunnelClient.open(agent.proxy, `${HOST}:${app.port}`);
    await tunnel.expect(WORDS);
    connectionId = await connectionOf(agent.sessionId);
    await api.call('POST', `/nodes/${agent.node}/drain`);
    await gateway().waitForLog(of('connection.resume'));
    await tunnel.expect(WORDS);
    tunnel.close();
    await tunnel.closed;
    const hops = [gateway(), worker(other()), agent.process];
    await Promise.all(hops.map((process) => process.waitForLog(of('connection.close'))));
    lines = await linesOf('--connection', connectionId);
  });
  after(async () => {
    await test.end();
    await app[Symbol.asyncDispose]();
  });

  const other = (): string => (agent.node === 'worker-1' ? 'worker-2' : 'worker-1');

  it('tells who opened it, where it was dialed, who moved it, how it was resumed, and who closed it', () => {
    const ids = { session_id: agent.sessionId, connection_id: connectionId, tenant_id: 'acme' };
    const target = `${HOST}:${app.port}`;
    const to = other();
    const ended = { closed_by: 'browser', reason: 'end' };
    const story: readonly Expected[] = [
      ['worker', { event: 'connection.open', node_id: agent.node, target, kind: 'connect' }],
      ['agent', { event: 'connection.dial', target, address: '127.0.0.1' }],
      ['gateway', { event: 'connection.open', node_id: 'gateway-1', target, kind: 'connect', worker: agent.node }],
      ['gateway', { event: 'connection.detach', from: agent.node }],
      ['gateway', { event: 'connection.resume', from: agent.node, to }],
      ['worker', { event: 'connection.resume', node_id: to, target }],
      ['agent', { event: 'connection.resume' }],
      ['gateway', { event: 'connection.close', ...ended, target }],
      ['worker', { event: 'connection.close', node_id: to, ...ended, target }],
      ['agent', { event: 'connection.close', ...ended, target }],
    ];
    for (const [role, fields] of story) find(role, { ...ids, ...fields });
    const resumed = find('gateway', { event: 'connection.resume' });
    assert.ok(Number(resumed.gap_ms) >= 0 && Number(resumed.replayed_bytes) >= 0, JSON.stringify(resumed));
    assert.ok(Number(find('agent', { event: 'connection.dial' }).ms) >= 0);
    const orderOf = (event: string): number => lines.findIndex((line) => line.event === event);
    const order = ['connection.dial', 'session.move', 'connection.resume', 'connection.close'].map(orderOf);
    assert.deepEqual(
      order,
      [...order].sort((one, next) => one - next),
    );
  });

  it('tells of the move that it went through: who asked, from where to where, and why', () => {
    const session = { session_id: agent.sessionId, tenant_id: 'acme' };
    const to = other();
    find('worker', { ...session, event: 'session.move', node_id: agent.node, to, by: 'operator', code: 'draining' });
    find('agent', { ...session, event: 'link.leaving', worker: agent.node, to, code: 'draining' });
    find('worker', { ...session, event: 'session.open', node_id: to, from: agent.node });
    find('agent', { ...session, event: 'link.up', worker: to });
    assert.ok(lines.every((line) => line.session_id === agent.sessionId));
  });

  it('is told to people with a header and what it came to', async () => {
    const told = await culvert('--session', agent.sessionId);
    assert.match(told, new RegExp(`^session ${agent.sessionId}: \\d+ lines from 4 processes: agent/agent, gateway/`));
    assert.match(told, /^\d\d:\d\d:\d\d\.\d{3} +\+.* worker\/worker-\d +session\.open +session opened/m);
    assert.match(told, new RegExp(`^opened {3}.* on ${agent.node} by agent a_\\w+ of tenant acme$`, 'm'));
    assert.match(told, new RegExp(`^moved {4}1×: ${agent.node} → ${other()} \\(asked by operator: draining\\)$`, 'm'));
    assert.match(told, /^connections {2}1 opened, 1 closed by browser: end$/m);
    assert.match(told, /^resumed {2}1×: gap \d+ ms at most, \d+ bytes sent again$/m);
  });

  it('each line of every process has the fields of the log contract', async () => {
    const { gateways, workers, apis } = test.cluster;
    const logs = [...gateways, ...workers, ...apis, agent.process].map((process) => process.log());
    // An agent's events stand beside its log, without a time.
    const all = (await Promise.all(logs)).flat().filter(({ ts }) => ts !== undefined);
    assert.ok(all.length > 30);
    for (const line of all) {
      const { ts, level, msg, event, role, version, node_id } = line;
      assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(level && msg && event && role && version, JSON.stringify(line));
      assert.match(event, /^[a-z]+(\.[a-z]+(_[a-z]+)*)?$/);
      assert.ok(role === 'agent' || node_id, JSON.stringify(line));
      if (event.startsWith('connection.')) assert.ok(line.session_id, JSON.stringify(line));
    }
  });

  function of(event: string): (line: LogLine) => boolean {
    return (line) => line.ts !== undefined && line.event === event && line.connection_id === connectionId;
  }

  function gateway(): ManagedProcess {
    const [only] = test.cluster.gateways;
    assert.ok(only);
    return only;
  }

  function worker(id: string): ManagedProcess {
    const found = test.cluster.workers.find((one) => one.id === id);
    assert.ok(found);
    return found;
  }

  function find(role: string, fields: Readonly<Record<string, unknown>>): LogLine {
    const found = lines.find(
      (line) => line.role === role && Object.entries(fields).every(([name, value]) => line[name] === value),
    );
    const near = lines.filter((line) => line.event === fields.event).map((line) => JSON.stringify(line));
    assert.ok(found, `no line of the ${role} has ${JSON.stringify(fields)}; near:\n${near.join('\n')}`);
    return found;
  }

  async function linesOf(...args: string[]): Promise<LogLine[]> {
    const told = await culvert('--json', ...args);
    return told
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** The real command, as a person runs it. */
  async function culvert(...args: string[]): Promise<string> {
    const command = [CULVERT_ENTRY, 'logs', '--data-dir', test.cluster.dataDir, ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.equal(stderr, '');
    return stdout;
  }

  async function connectionOf(sessionId: string): Promise<string> {
    const { items } = await test.cluster.api.call<{ items: { id: string }[] }>(
      'GET',
      `/sessions/${sessionId}/connections`,
    );
    assert.ok(items[0]);
    return items[0].id;
  }
});
