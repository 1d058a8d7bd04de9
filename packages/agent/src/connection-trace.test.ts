import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type LogFields, silentLogger } from '@culvert/base';
import { splice } from '@culvert/link';
import type { StreamEnd } from '@culvert/mux';
import { recordSpans } from '@culvert/telemetry/testing';
import { EventLog, ManualClock } from '../test/fakes.ts';
import { MemoryPath } from '../test/memory-path.ts';
import { closedPort } from '../test/target.ts';
import { Connections } from './connections.ts';
import { Policy } from './policy.ts';
import { type Lookup, NameResolver, parseHosts } from './resolve.ts';
import { ResumeWindow } from './resume-window.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const EDGE_SPAN = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${EDGE_SPAN}-01`;

const server = createServer();
const held = new Set<Socket>();
let port: number;
before(async () => {
  // A connection that the edge resets ends with an error here.
  server.on('connection', (socket) => held.add(socket.on('error', () => undefined)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo); // a TCP listener has no other kind of address
});
after(async () => {
  for (const socket of held) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

interface Setup {
  readonly traced?: boolean;
  readonly lookup?: Lookup;
}

/** An agent's connections, and an edge with one path to them. */
function setUp({ traced = true, lookup = () => Promise.resolve([]) }: Setup = {}) {
  const recorder = recordSpans();
  const fates: string[] = [];
  const traces = {
    keep: (id: string, why: string) => fates.push(`${id} ${why}`),
    forget: (id: string) => fates.push(`${id} over`),
  };
  const clock = new ManualClock();
  const log = new EventLog();
  const lines: LogFields[] = [];
  const streams = new ResumeWindow({
    clock,
    resumeWindowMs: 60_000,
    onDetached: (stream) => connections.detached(stream),
    onResumed: (stream, replayed) => connections.resumed(stream, replayed),
  });
  const connections = new Connections({
    policy: new Policy({ allow: ['127.0.0.1', 'slow.test'], deny: ['*:22'] }),
    resolver: new NameResolver({ hosts: parseHosts({}), lookup }),
    dialDeadlineMs: 5_000,
    maxDials: 10,
    maxConnections: 10,
    splice,
    logger: { ...silentLogger, info: (fields: LogFields) => void lines.push(fields) },
    clock,
    emit: log.listener,
    tracing: traced ? { tracer: recorder.tracer, traces } : undefined,
  });
  const newPath = () => new MemoryPath({ clock, streams, accept: (pending) => void connections.serve(pending) });
  return { path: newPath(), newPath, spans: recorder.spans, fates, clock, log, lines };
}

/** Ends a connection from the edge, and waits until the agent has told of it. */
async function end(stream: StreamEnd, log: EventLog): Promise<void> {
  stream.reset('aborted', 'the test is done');
  await log.next('connection.close');
}

describe("the agent's part of a connection's trace", { timeout: 10_000 }, () => {
  it('a dial is a client span under the span of the edge, and its ids stand in the log', async () => {
    const { path, spans, fates, log, lines } = setUp();
    const stream = await path.open('127.0.0.1', port, { traceparent });
    await log.next('connection.open');
    const [dial, ...more] = spans();
    assert.ok(dial && more.length === 0);
    assert.partialDeepStrictEqual(dial, { name: 'dial', kind: 'client', traceId: TRACE, parentSpanId: EDGE_SPAN });
    assert.deepEqual([dial.status, dial.events, dial.links], ['unset', [], []]);
    assert.deepEqual(dial.attributes, {
      'session.id': 's_1',
      'culvert.connection.id': 'c_1',
      'culvert.connection.kind': 'connect',
      'server.address': '127.0.0.1',
      'server.port': port,
      'network.peer.address': '127.0.0.1',
    });
    assert.deepEqual(fates, []);
    await end(stream, log);
    assert.deepEqual(fates, [`${TRACE} over`], 'nothing more can make it matter');
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['connection.dial', 'connection.open', 'connection.close'],
    );
    for (const line of lines) assert.partialDeepStrictEqual(line, { trace_id: TRACE, span_id: dial.spanId });
  });

  it('what was denied, and what nobody answers, are errors', async () => {
    const { path, spans } = setUp();
    const nobody = await closedPort();
    await assert.rejects(path.open('127.0.0.1', 22, { traceparent }), { code: 'target_denied' });
    await assert.rejects(path.open('127.0.0.1', nobody, { traceparent }), { code: 'target_unreachable' });
    assert.deepEqual(
      spans().map(({ name, parentSpanId, attributes }) => [name, parentSpanId, attributes['error.type']]),
      [
        ['dial', EDGE_SPAN, 'target_denied'],
        ['dial', EDGE_SPAN, 'target_unreachable'],
      ],
    );
    for (const { status } of spans()) assert.match(status, /^error: 127\.0\.0\.1:\d+/);
  });

  it('an open that the edge takes back is no error', async () => {
    const asked = Promise.withResolvers<void>();
    const { path, spans, log } = setUp({
      lookup: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    });
    const opening = path.open('slow.test', port, { traceparent });
    opening.catch(() => undefined); // A path that is cut answers nothing.
    await asked.promise;
    path.agent.resumable = false;
    path.agent.resetAll('link_lost', 'cut');
    await log.next('connection.refused');
    assert.deepEqual(
      spans().map(({ status, attributes }) => [status, attributes['culvert.reason']]),
      [['unset', 'cancelled']],
    );
  });

  it('a change of path is a span', async () => {
    const { path, newPath, clock, log, spans } = setUp();
    const stream = await path.open('127.0.0.1', port, { traceparent });
    await log.next('connection.open');
    path.cut();
    await log.next('connection.detach');
    clock.advance(700);
    await newPath().resume(stream);
    const [, resume, ...more] = spans();
    assert.deepEqual([resume?.name, resume?.traceId, resume?.parentSpanId], ['resume', TRACE, EDGE_SPAN]);
    assert.partialDeepStrictEqual(resume?.attributes, { 'culvert.gap_ms': 700, 'culvert.replayed_bytes': 0 });
    await end(stream, log);
    assert.deepEqual([spans().length, more.length], [2, 0]);
  });

  it('a path that nobody replaces in time is an error', async () => {
    const { path, clock, log, spans, fates } = setUp();
    await path.open('127.0.0.1', port, { traceparent });
    await log.next('connection.open');
    path.cut();
    clock.advance(60_000);
    await log.next('connection.close');
    const resume = spans().at(-1);
    assert.deepEqual([resume?.name, resume?.attributes['error.type']], ['resume', 'resume_expired']);
    assert.deepEqual(fates, [`${TRACE} failed`]);
  });

  it('where the edge does not trace, the dial is a root', async () => {
    for (const more of [{}, { traceparent: 'what is this' }]) {
      const { path, spans, log } = setUp();
      const stream = await path.open('127.0.0.1', port, more);
      await end(stream, log);
      assert.deepEqual(
        spans().map(({ name, parentSpanId }) => [name, parentSpanId]),
        [['dial', undefined]],
      );
    }
  });

  it("without a tracer: no spans, and the edge's ids stand in the log", async () => {
    const { path, spans, log, lines } = setUp({ traced: false });
    const stream = await path.open('127.0.0.1', port, { traceparent });
    await end(stream, log);
    assert.equal(spans().length, 0);
    assert.partialDeepStrictEqual(lines[0], { trace_id: TRACE, span_id: EDGE_SPAN });
  });
});
