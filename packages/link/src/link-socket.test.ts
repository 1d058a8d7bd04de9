import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { after, afterEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { Frame, FrameType, type LinkEnd, type PendingStream, Role, type Stream } from '@culvert/mux';
import { bytesOf, freshRequest, ManualClock, Recorder, VECTORS } from '@culvert/mux/testing';
import { WebSocket, WebSocketServer } from 'ws';
import { dialLink } from './dial.ts';
import { type Gate, LinkSocket } from './link-socket.ts';
import { LoopbackWorker } from './testing/loopback-worker.ts';
import { noSocketsLeft, readAll, type TcpPair, tcpPair } from './testing/tcp.ts';
import { wsFrame } from './testing/ws-frames.ts';
import type { Masking } from './websocket-writer.ts';

const hello = bytesOf(VECTORS.find(({ name }) => name === 'HELLO') ?? assert.fail());

const pairs: TcpPair[] = [];

/** The link lets go of its socket once the other side has closed. */
afterEach(async () => {
  for (const { near, far } of pairs.splice(0)) {
    far.destroy();
    if (!near.closed) await new Promise((resolve) => near.once('close', resolve));
  }
});

/** A link whose other side the test plays itself, on a clock of its own. */
async function bare(side: 'dialer' | 'acceptor' = 'acceptor', gate?: Gate) {
  const pair = await tcpPair();
  pairs.push(pair);
  const { near, far } = pair;
  const clock = new ManualClock();
  const frames: Frame[] = [];
  const goAways: LinkEnd[] = [];
  const link = new LinkSocket({
    ...{ side, socket: near, masking: 'none', logger: silentLogger, clock, gate },
    self: { versionMin: 1, versionMax: 1, role: 2, features: 0, deadAfterMs: 12_000, id: 'w', software: 't/1' },
    events: {
      hello: (peer) => link.machine.welcome(peer, { epoch: 1, sessionId: 's', boot: 'b' }),
      welcome: () => undefined,
      frame: (frame) => frames.push(frame),
      goAway: (end) => goAways.push(end),
    },
  });
  return { link, near, far, clock, frames, goAways };
}

const masked = { key: Buffer.from('01020304', 'hex') };

describe('link over a socket', () => {
  after(noSocketsLeft);

  for (const masking of ['none', 'zero', 'random'] as const satisfies Masking[]) {
    it(`${masking}: two ends understand each other`, async () => {
      const { near, far } = await tcpPair();
      const got = Promise.withResolvers<string>();
      const self = { versionMin: 1, versionMax: 1, features: 0, deadAfterMs: 12_000, id: 'x', software: 't/1' };
      // Whose frames are not masked plays the acceptor.
      const sends = masking === 'none' ? 'acceptor' : 'dialer';
      const make = (side: 'dialer' | 'acceptor', socket: typeof near): LinkSocket => {
        const link: LinkSocket = new LinkSocket({
          ...{
            side,
            socket,
            logger: silentLogger,
            masking: side === 'acceptor' ? 'none' : masking === 'none' ? 'zero' : masking,
          },
          self: { ...self, role: side === 'dialer' ? Role.AGENT : Role.WORKER },
          events: {
            hello: (peer) => {
              link.machine.welcome(peer, { epoch: 1, sessionId: 's', boot: 'b' });
              if (sends === 'acceptor') link.send(data);
            },
            welcome: () => {
              if (sends === 'dialer') link.send(data);
            },
            frame: (frame) => got.resolve(`${frame.stream} ${frame.value} ${frame.payload}`),
            goAway: () => undefined,
          },
        });
        return link;
      };
      const data = new Frame(FrameType.DATA, 5, 2 ** 40, Buffer.from('payload'));
      const links = [make('dialer', near), make('acceptor', far)];
      assert.equal(await got.promise, `5 ${2 ** 40} payload`);
      links[0]?.machine.end({ code: 'shutting_down', message: '', final: false });
      await Promise.all(links.map((link) => link.closed));
      await Promise.all([near, far].map((socket) => socket.destroyed || once(socket, 'close')));
    });
  }

  it('reads frames however the message is fragmented, with pings of an intermediary between', async () => {
    const { link, far } = await bare();
    const replies: Buffer[] = [];
    far.on('data', (chunk: Buffer) => replies.push(chunk));
    far.write(wsFrame(2, hello.subarray(0, 10), { ...masked, final: false }));
    far.write(wsFrame(9, 'are you there', masked));
    far.write(wsFrame(0, hello.subarray(10), masked));
    while (!link.machine.up) await new Promise(setImmediate);
    while (Buffer.concat(replies).length < 2 + 13 + 16) await new Promise(setImmediate);
    const first = Buffer.concat(replies);
    assert.ok(first.includes(wsFrame(10, 'are you there')));
    far.destroy();
    assert.equal((await link.closed).code, 'link_lost');
  });

  it('a WebSocket library finds nothing to object to, from either side', async () => {
    await using worker = await LoopbackWorker.start();
    const client = new WebSocket(worker.url);
    await once(client, 'open');
    client.send(hello);
    const [welcome] = (await once(client, 'message')) as [Buffer];
    assert.equal(welcome[0], FrameType.WELCOME);
    client.close();
    const [code] = await once(client, 'close');
    assert.equal(code, 1000);

    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const address = server.address() as { port: number };
    const messages: Buffer[] = [];
    server.on('connection', (peer) => {
      peer.on('message', (message: Buffer) => {
        messages.push(message);
        if (messages.length === 1) peer.send(bytesOf(VECTORS.find(({ name }) => name === 'WELCOME') ?? assert.fail()));
      });
    });
    const dialed = dialLink({
      ...{ url: `ws://127.0.0.1:${address.port}`, token: 't', role: 'edge', id: 'n', software: 't/1' },
      ...{ deadlineMs: 5_000, logger: silentLogger },
    });
    // The vector's WELCOME has a feature that was not asked for.
    await assert.rejects(dialed, /L5/);
    assert.equal(messages[0]?.[0], FrameType.HELLO);
    for (const peer of server.clients) await once(peer, 'close');
    server.close();
  });

  it('a peer that breaks RFC 6455 is told so, and let go', async () => {
    for (const [bytes, code] of [
      [wsFrame(2, 'x'), 'protocol_error'],
      [wsFrame(1, 'x', masked), 'protocol_error'],
      [wsFrame(2, Buffer.alloc(131_073), masked), 'frame_too_large'],
    ] as const) {
      const { link, far } = await bare();
      far.write(bytes);
      assert.equal((await link.closed).code, code);
      const said = await readAll(far);
      assert.ok(said.includes(code));
    }
  });

  it('a peer that closes, ends, or breaks the socket: link_lost', async () => {
    const ways: ((far: Awaited<ReturnType<typeof bare>>['far']) => unknown)[] = [
      (far) => far.write(wsFrame(8, Buffer.from([3, 232]), masked)),
      (far) => far.end(),
      (far) => far.resetAndDestroy(),
    ];
    for (const way of ways) {
      const { link, far } = await bare();
      far.on('error', () => undefined).resume();
      way(far);
      assert.equal((await link.closed).code, 'link_lost');
      far.destroy();
    }
  });

  it('pings every 5 s from WELCOME on, and is dead after 12 s of silence', async () => {
    const { link, far, clock } = await bare('dialer');
    far.resume();
    const welcome = Buffer.from(bytesOf(VECTORS.find(({ name }) => name === 'WELCOME') ?? assert.fail()));
    welcome.writeUInt32BE(0, 17);
    clock.advance(3_000);
    far.write(wsFrame(2, welcome));
    while (!link.machine.up) await new Promise(setImmediate);
    const due: number[] = [];
    for (let i = 0; i < 40 && clock.next !== undefined; i += 1) {
      due.push(clock.next);
      clock.advance(clock.next - clock.monotonic());
    }
    assert.equal((await link.closed).code, 'link_timeout');
    assert.deepEqual(due, [8_000, 13_000, 15_000]);
    assert.equal(clock.next, undefined, 'no timer is left');
    await once(far, 'end');
    far.destroy();
  });

  it('a peer that never answers the closing handshake is cut off', async () => {
    const { link, near, far, clock } = await bare();
    far.on('error', () => undefined).resume();
    link.machine.end({ code: 'session_closed', message: '', final: true });
    await once(far, 'end');
    clock.advance(1_999);
    assert.equal(near.destroyed, false);
    clock.advance(1);
    await once(near, 'close');
    assert.equal(clock.next, undefined, 'no timer is left');
  });

  it('the final word gets through behind a full socket', async () => {
    const { link, far } = await bare();
    far.write(wsFrame(2, hello, masked));
    while (!link.machine.up) await new Promise(setImmediate);
    for (let at = 0; at < 12_000_000; at += 60_000) link.send(new Frame(FrameType.DATA, 1, at, Buffer.alloc(60_000)));
    while (link.machine.queuedBytes > 11_000_000) await new Promise(setImmediate);
    for (let i = 0; i < 3; i += 1) await new Promise(setImmediate);
    assert.ok(link.machine.queuedBytes > 1_000_000, 'the socket is full');
    link.machine.end({ code: 'key_revoked', message: 'no longer valid', final: true });
    const said = await readAll(far);
    assert.ok(said.includes('key_revoked\0'), 'GOAWAY, not only the close frame');
  });

  it('a gate holds back what comes and what goes, and lets all of it pass in order when it opens', async () => {
    const waiting = new Set<() => void>();
    let open = true;
    const { link, far, frames } = await bare('acceptor', {
      pass: (_nowMs, opened) => {
        if (!open) waiting.add(opened);
        return open;
      },
    });
    const said: Buffer[] = [];
    far.on('data', (chunk: Buffer) => said.push(chunk));
    far.write(wsFrame(2, hello, masked));
    while (said.length === 0) await new Promise(setImmediate);
    open = false;
    for (const value of [1, 2, 3]) far.write(wsFrame(2, new Frame(FrameType.ACK, 1, value).encode(), masked));
    while (waiting.size === 0) await new Promise(setImmediate);
    far.write(wsFrame(2, new Frame(FrameType.ACK, 1, 4).encode(), masked));
    const before = Buffer.concat(said).length;
    link.send(new Frame(FrameType.ACK, 1, 9));
    for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
    assert.deepEqual([frames.length, Buffer.concat(said).length], [0, before], 'nothing passes');
    open = true;
    for (const opened of waiting) opened();
    while (frames.length < 4 || Buffer.concat(said).length === before) await new Promise(setImmediate);
    assert.deepEqual(
      frames.map(({ value }) => value),
      [1, 2, 3, 4],
    );
  });

  it('a peer that asks and never reads does not make us keep its answers', async () => {
    const { link, near, far } = await bare();
    far.on('error', () => undefined);
    far.write(wsFrame(2, hello, masked));
    while (!link.machine.up) await new Promise(setImmediate);
    const ping = Buffer.concat(Array.from({ length: 200 }, () => wsFrame(9, Buffer.alloc(125), masked)));
    let queued = 0;
    for (let i = 0; i < 1_500; i += 1) {
      if (!far.write(ping)) await once(far, 'drain');
      queued = Math.max(queued, near.writableLength);
    }
    assert.ok(queued < 2_000_000, `${queued} bytes of pongs wait`);
    far.destroy();
    await link.closed;
  });
});

describe('streams over a link', () => {
  after(noSocketsLeft);

  it('open, refuse, deadline and signal; the agent hears of what was given up', async () => {
    const cancelled: string[] = [];
    const asked: PendingStream[] = [];
    const waiting = Promise.withResolvers<void>();
    await using worker = await LoopbackWorker.start({
      accept: (pending) => {
        const { host } = pending.request;
        asked.push(pending);
        pending.onCancelled(() => {
          cancelled.push(host);
          if (cancelled.length === 2) waiting.resolve();
        });
        if (host === 'yes') pending.accept();
        if (host === 'no') pending.refuse('target_denied', 'rule 3');
      },
    });
    const link = await worker.dial();
    const open = (host: string, over: { deadlineMs?: number; signal?: AbortSignal } = {}): Promise<Stream> =>
      link.open(freshRequest({ host }), { deadlineMs: 5_000, ...over });
    assert.equal((await open('yes')).closed, false);
    await assert.rejects(open('no'), { code: 'target_denied', message: 'rule 3' });
    await assert.rejects(open('late', { deadlineMs: 30 }), { code: 'target_timeout' });
    const controller = new AbortController();
    const given = open('given up', { signal: controller.signal });
    controller.abort();
    await assert.rejects(given, { code: 'cancelled' });
    await assert.rejects(open('never asked', { signal: AbortSignal.abort() }), { code: 'cancelled' });
    await assert.rejects(open(''), { code: 'bad_request' });
    await waiting.promise;
    assert.deepEqual(cancelled, ['late', 'given up']);
    assert.equal(asked.length, 4);
    assert.equal(link.openStreams, 1);
    link.close();
    await link.closed;
    assert.equal(link.openStreams, 0);
    await assert.rejects(open('yes'), { code: 'link_lost' });
  });

  it('the loss of the link is the end of its streams, on both sides, and of what was being opened', async () => {
    const agents: Recorder[] = [];
    await using worker = await LoopbackWorker.start({
      accept: (pending) => {
        if (pending.request.host === 'open') agents.push(new Recorder(pending.accept()));
        else worker.accepted[0]?.link.machine.end({ code: 'shutting_down', message: '', final: false });
      },
    });
    const link = await worker.dial();
    const goAways: string[] = [];
    link.onGoAway((end) => goAways.push(end.code));
    const edge = new Recorder(await link.open(freshRequest({ host: 'open' }), { deadlineMs: 5_000 }));
    await assert.rejects(link.open(freshRequest(), { deadlineMs: 5_000 }), { code: 'link_lost' });
    await link.closed;
    for (const { events } of [edge, ...agents]) assert.deepEqual(events, ['closed', 'reset link_lost']);
    assert.deepEqual(goAways, ['shutting_down']);
    const late: string[] = [];
    link.onGoAway((end) => late.push(end.code));
    assert.deepEqual(late, ['shutting_down'], 'who asks later is told as well');
  });

  it('a final end is told as what it is', async () => {
    await using worker = await LoopbackWorker.start();
    const link = await worker.dial();
    worker.accepted[0]?.link.machine.end({ code: 'superseded', message: 'another agent', final: true });
    assert.deepEqual(await link.closed, { code: 'superseded', message: 'another agent', final: true });
  });
});
