import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { silentLogger } from '@culvert/base';
import { splice } from '@culvert/link';
import type { StreamEnd } from '@culvert/mux';
import { EventLog, ManualClock } from '../test/fakes.ts';
import { MemoryPath } from '../test/memory-path.ts';
import { Connections } from './connections.ts';
import { Policy } from './policy.ts';
import { NameResolver, parseHosts } from './resolve.ts';
import { ResumeWindow } from './resume-window.ts';

// What is told of an open connection; the target is a socket that the test holds.

const server = createServer({ allowHalfOpen: true });
let port: number;
beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo); // a TCP listener has no other kind of address
});
const held = new Set<Socket>();
server.on('connection', (socket) => held.add(socket));
afterEach(async () => {
  for (const socket of held) socket.destroy();
  held.clear();
  await new Promise((resolve) => server.close(resolve));
});

async function open() {
  const clock = new ManualClock();
  const log = new EventLog();
  const streams = new ResumeWindow({
    clock,
    resumeWindowMs: 60_000,
    onDetached: (stream) => connections.detached(stream),
    onResumed: (stream, replayed) => connections.resumed(stream, replayed),
  });
  const connections = new Connections({
    policy: new Policy({ allow: ['127.0.0.1'], deny: [] }),
    resolver: new NameResolver({ hosts: parseHosts({}), lookup: () => Promise.resolve([]) }),
    dialDeadlineMs: 5_000,
    maxDials: 10,
    maxConnections: 10,
    splice,
    logger: silentLogger,
    clock,
    emit: log.listener,
  });
  const newPath = () => new MemoryPath({ clock, streams, accept: (pending) => void connections.serve(pending) });
  const path = newPath();
  const arrived = once(server, 'connection');
  const stream = await path.open('127.0.0.1', port);
  const [target] = (await arrived) as [Socket]; // what the event carries
  target.on('error', () => undefined).resume();
  await log.next('connection.open');
  return { clock, log, streams, connections, path, newPath, stream, target };
}

const endOf = async (log: EventLog) => {
  const { closedBy, reason } = await log.next('connection.close');
  return [closedBy, reason];
};

const ignore = { data: () => undefined, end: () => undefined, reset: () => undefined, writable: () => undefined };

/** An edge that passes everything on at once; `ended` is called behind the last byte. */
function passOn(stream: StreamEnd, ended: () => void = () => undefined): void {
  const end = (): void => {
    stream.consumeEnd();
    ended();
  };
  stream.attach({ ...ignore, data: (payload) => stream.consume(payload.length), end });
}

test('closed in good order by who ended first', async () => {
  const byEdge = await open();
  passOn(byEdge.stream);
  byEdge.target.on('end', () => byEdge.target.end('all of it'));
  byEdge.stream.end();
  assert.deepEqual(await endOf(byEdge.log), ['edge', 'end']);

  const byTarget = await open();
  passOn(byTarget.stream, () => byTarget.stream.end());
  byTarget.target.end('all of it');
  assert.deepEqual(await endOf(byTarget.log), ['target', 'end']);
});

test('broken off by the target, by the edge, by this agent', async () => {
  const byTarget = await open();
  byTarget.target.resetAndDestroy();
  assert.deepEqual(await endOf(byTarget.log), ['target', 'target_reset']);

  const byEdge = await open();
  byEdge.stream.reset('aborted', 'the browser is gone');
  assert.deepEqual(await endOf(byEdge.log), ['edge', 'aborted']);

  // A gateway that stops uses the same code as an agent that does.
  const byGateway = await open();
  byGateway.stream.reset('shutting_down', 'the gateway stops');
  assert.deepEqual(await endOf(byGateway.log), ['edge', 'shutting_down']);
  const byAgent = await open();
  byAgent.connections.stopAccepting();
  byAgent.streams.breakOff('shutting_down', 'the agent stops');
  assert.deepEqual(await endOf(byAgent.log), ['agent', 'shutting_down']);
});

test('a change of path is told with its gap and what was sent again', async () => {
  const { clock, log, path, newPath, stream, target } = await open();
  const arrived = new Promise((resolve) => stream.attach({ ...ignore, data: resolve }));
  target.write('not passed on yet');
  await arrived;
  path.cut();
  const { connectionId, target: name } = await log.next('connection.detach');
  assert.deepEqual([connectionId, name], ['c_1', `127.0.0.1:${port}`]);
  clock.advance(700);
  await newPath().resume(stream);
  const { gapMs, replayedBytes } = await log.next('connection.resume');
  assert.deepEqual([gapMs, replayedBytes], [700, 17]);
  stream.consume(17);
  passOn(stream, () => stream.end());
  target.end();
  assert.deepEqual(await endOf(log), ['target', 'end']);
});

test('nobody comes back: the window ends it, told once', async () => {
  const { clock, log, path } = await open();
  path.cut();
  await log.next('connection.detach');
  clock.advance(60_000);
  assert.deepEqual(await endOf(log), ['agent', 'resume_expired']);
  assert.deepEqual(log.names, ['connection.open', 'connection.detach', 'connection.close']);
});
