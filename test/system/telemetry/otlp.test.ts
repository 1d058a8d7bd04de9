import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { FINAL_STATES } from '@culvert/contracts';
import { createKey, ensureTenant, type LogLine, type ManagedProcess } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { localProxyFor } from '../../support/local-proxy-process.ts';
import type { ReceivedSpan } from '../../support/otlp/received.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp/receiver.ts';
import { connectVia } from '../../support/proxy-client.ts';
import { startTcpTarget, type Target } from '../../support/targets/target.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

// What leaves the processes, as a collector sees it. Each case has a target of its own: its port tells the traces apart.

const HOST = 'app.internal';
const TENANT = 'traced';
const DEADLINE_MS = 15_000;
const DEPLOYMENT_MS = 45_000;
const EXPORTED = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  // A machine that is busy must not make an ordinary connection a slow one.
  CULVERT_TRACE_SLOW_MS: '60000',
};

let receiver: OtlpReceiver;
let test: TestCluster;
let agent: ServingAgent;
let localProxy: ManagedProcess;
const targets: Target[] = [];
let restore: () => void;

before(async () => {
  receiver = await startOtlpReceiver();
  restore = setEnvironment({ ...EXPORTED, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  test = await openCluster({ workers: 2, gateways: 1 });
  const { cluster } = test;
  await ensureTenant(cluster.api, TENANT);
  const { key } = await createKey(cluster.api, TENANT, 'agent', 'of a trace test');
  agent = await serveWith(cluster, { key, hosts: { [HOST]: '127.0.0.1' }, allow: [HOST] });
  const unsampled = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
  localProxy = localProxyFor(cluster, key, agent.sessionId, unsampled);
  await localProxy.start();
});

after(async () => {
  await localProxy?.stop();
  await test?.end();
  restore?.();
  for (const target of targets) await target[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

/** Children inherit it. Returns what puts things back. */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Sends everything back. */
async function echo(): Promise<number> {
  const target = await startTcpTarget((socket) => socket.pipe(socket));
  targets.push(target);
  return target.port;
}

async function open(proxy: string, port: number): Promise<Socket> {
  const { answer, socket } = await connectVia(proxy, `${HOST}:${port}`);
  assert.equal(answer.status, 200);
  return socket;
}

/** There and back again. */
async function exchange(socket: Socket, text: string): Promise<void> {
  socket.write(text);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (let seen = ''; seen !== text; ) seen += String((await once(socket, 'data', { signal }))[0]);
}

async function end(socket: Socket): Promise<void> {
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(DEADLINE_MS) });
  socket.resume().end();
  await closed;
}

const serviceOf = ({ resource }: ReceivedSpan): unknown => resource['service.name'];

/** A span of the connection to that target, once it has come. */
function spanTo(port: number, name: string, service: string, nodeId?: string): Promise<ReceivedSpan> {
  const what = `span ${name} of ${service} for port ${port}`;
  return receiver.untilSpan(what, (span) => {
    if (span.name !== name || serviceOf(span) !== service) return false;
    if (nodeId !== undefined && span.attributes['culvert.node.id'] !== nodeId) return false;
    return roots(port).some(({ traceId }) => traceId === span.traceId);
  });
}

/** The port is on the edge's span and on the agent's. */
const roots = (port: number): ReceivedSpan[] =>
  receiver.spans.filter(({ attributes }) => attributes['server.port'] === port);

/** The span that a link names, once it has come. */
const linked = ({ traceId, spanId }: { traceId: string; spanId: string }): Promise<ReceivedSpan> =>
  receiver.untilSpan('the span that is linked', (span) => span.traceId === traceId && span.spanId === spanId);

function nameOf({ name, attributes, resource }: ReceivedSpan): string {
  return `${name} ${resource['service.name']} ${attributes['culvert.node.id'] ?? ''}`.trim();
}

describe('what is exported of a connection', { timeout: 180_000 }, () => {
  it('one trace through gateway, worker and agent, linked with the session', async () => {
    const port = await echo();
    const socket = await open(agent.proxy, port);
    await exchange(socket, 'hello');
    await end(socket);

    const root = await spanTo(port, 'connection', 'culvert-gateway');
    const through = await spanTo(port, 'switch.open', 'culvert-worker');
    const dial = await spanTo(port, 'dial', 'culvert-agent');
    assert.deepEqual([root.parentSpanId, root.kind, root.status.code], ['', 'server', 'unset']);
    for (const child of [through, dial]) {
      assert.deepEqual([child.traceId, child.parentSpanId, child.status.code], [root.traceId, root.spanId, 'unset']);
      assert.ok(child.startMs >= root.startMs - 5 && child.endMs <= root.endMs + 5, 'one clock on one machine');
    }
    assert.deepEqual([dial.kind, dial.attributes['network.peer.address']], ['client', '127.0.0.1']);
    assert.partialDeepStrictEqual(root.attributes, {
      'session.id': agent.sessionId,
      'culvert.tenant.id': TENANT,
      'culvert.connection.kind': 'connect',
      'culvert.node.id': 'gateway-1',
      'server.address': HOST,
      'server.port': port,
      'culvert.bytes.in': 5,
      'culvert.bytes.out': 5,
      'culvert.closed_by': 'browser',
      'culvert.reason': 'end',
    });
    for (const { attributes } of [through, dial]) {
      assert.equal(attributes['culvert.connection.id'], root.attributes['culvert.connection.id']);
    }
    assert.equal(through.attributes['culvert.node.id'], agent.node);
    assert.deepEqual(
      [root.resource['service.instance.id'], through.resource['service.instance.id']],
      ['gateway-1', agent.node],
    );
    assert.ok(root.resource['service.version']);

    assert.equal(root.links.length, 1);
    const session = await linked(root.links[0] ?? assert.fail('no link'));
    assert.deepEqual([session.name, serviceOf(session), session.parentSpanId], ['session.open', 'culvert-worker', '']);
    assert.partialDeepStrictEqual(session.attributes, {
      'session.id': agent.sessionId,
      'culvert.node.id': agent.node,
      'culvert.epoch': root.events.find(({ name }) => name === 'asked')?.attributes['culvert.epoch'],
    });
    await expectInLogs(root, dial);
  });

  it("on the worker's own address, the worker is the edge", async () => {
    const port = await echo();
    const proxy = new URL(agent.proxy);
    const owner = test.cluster.workers.find(({ id }) => id === agent.node) ?? assert.fail('the owner runs');
    proxy.host = new URL(owner.address('proxy')).host;
    await end(await open(proxy.href, port));
    const root = await spanTo(port, 'connection', 'culvert-worker', agent.node);
    const dial = await spanTo(port, 'dial', 'culvert-agent');
    assert.deepEqual([root.parentSpanId, dial.traceId, dial.parentSpanId], ['', root.traceId, root.spanId]);
    assert.equal((await linked(root.links[0] ?? assert.fail('no link'))).attributes['culvert.node.id'], agent.node);
  });

  it('a failed one carries its error, in the gateway and in the agent', async () => {
    const gone = await echo();
    await targets.pop()?.[Symbol.asyncDispose]();
    const refused = await connectVia(agent.proxy, `${HOST}:${gone}`);
    assert.equal(refused.answer.code, 'target_unreachable');
    const denied = await connectVia(agent.proxy, '127.0.0.1:9');
    assert.equal(denied.answer.code, 'target_denied');
    for (const { socket } of [refused, denied]) socket.destroy();

    for (const [port, code] of [
      [gone, 'target_unreachable'],
      [9, 'target_denied'],
    ] as const) {
      const root = await spanTo(port, 'connection', 'culvert-gateway');
      const spans = [root, await spanTo(port, 'switch.open', 'culvert-worker')];
      spans.push(await spanTo(port, 'dial', 'culvert-agent'));
      for (const span of spans) {
        assert.deepEqual([span.traceId, span.status.code], [root.traceId, 'error'], nameOf(span));
        assert.match(span.status.message, /\d+/, 'says which port');
      }
      assert.equal(root.attributes['error.type'], code);
      assert.equal(spans.at(-1)?.attributes['error.type'], code);
    }
  });

  it('the worker is killed: one that goes on shows its move; of what is not sampled, only what matters is sent', async () => {
    const proxy = String(localProxy.readiness.proxy);
    const [moved, ordinary, kept, failed] = [await echo(), await echo(), await echo(), await echo()];
    await targets.pop()?.[Symbol.asyncDispose]();
    await end(await open(proxy, ordinary));
    const refused = await connectVia(proxy, `${HOST}:${failed}`);
    assert.equal(refused.answer.code, 'target_unreachable');
    refused.socket.destroy();
    const sockets = [await open(agent.proxy, moved), await open(proxy, kept)];
    for (const socket of sockets) await exchange(socket, 'before');
    // What a process has not sent when it is killed is gone.
    const first = await receiver.untilSpan('the way through the first worker', (span) => {
      return span.name === 'switch.open' && span.attributes['culvert.connection.id'] !== undefined && isTo(span, moved);
    });
    const from = String(first.attributes['culvert.node.id']);
    test.expectExit(from);
    await test.cluster.workers.find(({ id }) => id === from)?.kill('SIGKILL');
    for (const socket of sockets) await exchange(socket, 'behind');
    for (const socket of sockets) await end(socket);

    const to = test.cluster.workers.find(({ id }) => id !== from)?.id ?? assert.fail('one worker is left');
    await expectMove({ port: moved, edge: 'culvert-gateway', from, to });
    const unsampled = await expectMove({ port: kept, edge: 'culvert-proxy', from, to });
    assert.equal(unsampled.attributes['culvert.kept'], 'resumed');
    assert.equal((await spanTo(kept, 'dial', 'culvert-agent')).attributes['culvert.kept'], 'resumed');

    const failure = await spanTo(failed, 'connection', 'culvert-proxy');
    assert.deepEqual([failure.attributes['culvert.kept'], failure.status.code], ['failed', 'error']);
    const dial = await spanTo(failed, 'dial', 'culvert-agent');
    assert.deepEqual([dial.traceId, dial.attributes['culvert.kept']], [failure.traceId, 'failed']);

    // The process sends what it has before it ends, and the others sent what came later.
    await localProxy.stop();
    const { trace_id } = await agent.process.waitForLog(({ event, target }) => {
      return event === 'connection.dial' && target === `${HOST}:${ordinary}`;
    });
    assert.match(String(trace_id), /^[0-9a-f]{32}$/);
    assert.deepEqual(receiver.spans.filter(({ traceId }) => traceId === trace_id).map(nameOf), []);
  });

  it('ticks of a deployment are roots, each linked with the one before', async () => {
    const { cluster } = test;
    await cluster.addDeployer();
    const deployment = await DeploymentDriver.start(cluster.api, { version: '2.0.0', deadlineMs: 30_000 });
    // A few ticks are enough: it is told to give up before a new worker could be there.
    await deployment.until('it has looked around', ({ state }) => state !== 'pending', DEPLOYMENT_MS);
    await deployment.command('abort');
    const { state } = await deployment.until('its end', (now) => FINAL_STATES.includes(now.state), DEPLOYMENT_MS);

    const isTick = ({ name, attributes }: ReceivedSpan): boolean =>
      name === 'deploy.tick' && attributes['deployment.id'] === deployment.id;
    const last = await receiver.untilSpan('the last tick', (span) => {
      return isTick(span) && span.attributes['culvert.deploy.state'] === state;
    });
    const chain = [last];
    for (let link = last.links[0]; link !== undefined; link = chain.at(-1)?.links[0]) {
      chain.push(await linked(link));
      assert.ok(chain.length < 100, 'it ends');
    }
    assert.ok(chain.length >= 2, `${chain.length} ticks`);
    assert.equal(new Set(chain.map(({ traceId }) => traceId)).size, chain.length, 'each is a trace of its own');
    for (const tick of chain) assert.deepEqual([isTick(tick), tick.parentSpanId], [true, '']);
  });

  it('a session that ends says so, under the span of its opening', async () => {
    await agent.process.stop();
    const close = await receiver.untilSpan('session.close', ({ name, attributes }) => {
      return name === 'session.close' && attributes['session.id'] === agent.sessionId;
    });
    const opening = await linked({ traceId: close.traceId, spanId: close.parentSpanId });
    assert.deepEqual([opening.name, opening.attributes['session.id']], ['session.open', agent.sessionId]);
    assert.deepEqual(receiver.rejected, []);
  });
});

/** A worker's spans do not name the target; those of its trace do. */
function isTo(span: ReceivedSpan, port: number): boolean {
  return roots(port).some(({ traceId }) => traceId === span.traceId);
}

interface Move {
  readonly port: number;
  readonly edge: string;
  readonly from: string;
  readonly to: string;
}

/** One trace tells of the move: at the edge, in the new worker, in the agent; the root is linked with both ownerships. */
async function expectMove({ port, edge, from, to }: Move): Promise<ReceivedSpan> {
  const root = await spanTo(port, 'connection', edge);
  const atEdge = await spanTo(port, 'resume', edge);
  const through = await spanTo(port, 'switch.resume', 'culvert-worker', to);
  const atAgent = await spanTo(port, 'resume', 'culvert-agent');
  for (const child of [atEdge, through, atAgent, await spanTo(port, 'dial', 'culvert-agent')]) {
    assert.deepEqual([child.traceId, child.parentSpanId], [root.traceId, root.spanId], nameOf(child));
  }
  assert.partialDeepStrictEqual(atEdge.attributes, { 'culvert.from.node.id': from, 'culvert.to.node.id': to });
  for (const { attributes } of [atEdge, atAgent]) assert.ok(Number(attributes['culvert.gap_ms']) > 0);
  assert.deepEqual(
    root.events.map(({ name }) => name),
    ['asked', 'opened', 'detached', 'resumed'],
  );
  assert.deepEqual([root.status.code, root.attributes['culvert.resumes']], ['unset', 1]);
  const [before, behind] = await Promise.all(root.links.map(linked));
  assert.ok(before && behind);
  assert.deepEqual(
    [before, behind].map(({ name, attributes }) => [name, attributes['culvert.node.id']]),
    [
      ['session.open', from],
      ['session.open', to],
    ],
  );
  assert.deepEqual(behind.links, [{ traceId: before.traceId, spanId: before.spanId }], 'one ownership after the other');
  return root;
}

/** Lines about the connection, of each process, carry the ids. */
async function expectInLogs(root: ReceivedSpan, dial: ReceivedSpan): Promise<void> {
  const connectionId = root.attributes['culvert.connection.id'];
  const isOpening = ({ event, connection_id }: LogLine): boolean =>
    event === 'connection.open' && connection_id === connectionId;
  const { gateways, workers } = test.cluster;
  const owner = workers.find(({ id }) => id === agent.node) ?? assert.fail('the owner runs');
  const expected = [
    [gateways[0] ?? assert.fail('there is a gateway'), root.spanId],
    [owner, root.spanId],
    [agent.process, dial.spanId],
  ] as const;
  for (const [process, spanId] of expected) {
    const line = await process.waitForLog(isOpening);
    assert.partialDeepStrictEqual(line, { trace_id: root.traceId, span_id: spanId }, process.id);
  }
}
