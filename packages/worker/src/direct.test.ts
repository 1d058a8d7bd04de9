import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { randomId, silentLogger } from '@culvert/base';
import { ObservedConnections, type OwnerRoute, ReattachLog, type Tunnel } from '@culvert/edge';
import { dialLink, type Link } from '@culvert/link';
import { type PendingStream, type Stream, StreamStore } from '@culvert/mux';
import { Recorder, until } from '@culvert/mux/testing';
import { ClusterSecret, proxySecret, signTicket } from '@culvert/service';
import { DirectEdge } from './direct.ts';
import { Drain } from './drain.ts';
import { LinkServer } from './link-server.ts';
import { StillWorld } from './testing/still-world.ts';
import { ticketOf } from './testing/world.ts';

const SECRET = ClusterSecret.parse('0123456789abcdef0123456789abcdef');
const TARGET = { host: 'app.internal', port: 443, kind: 'connect', connectionId: 'c_1' } as const;

/** A worker with its link server, and a proxy address of its own. */
class Worker implements AsyncDisposable {
  readonly world = new StillWorld();
  readonly id: string;
  readonly direct: DirectEdge;
  readonly log = new ReattachLog();
  readonly #server: LinkServer;
  url = '';

  static async start(id: string, findRoute: () => OwnerRoute | undefined): Promise<Worker> {
    const worker = new Worker(id, findRoute);
    const { port } = await worker.#server.listen({ host: '127.0.0.1', port: 0 });
    worker.url = `ws://127.0.0.1:${port}/link`;
    return worker;
  }

  private constructor(id: string, findRoute: () => OwnerRoute | undefined) {
    this.id = id;
    const { sessions } = this.world;
    const about = { nodeId: id, boot: () => 'b_1', software: 'culvert/test', secret: SECRET, logger: silentLogger };
    this.#server = new LinkServer({
      ...about,
      sessions,
      refusing: () => undefined,
      admission: { admit: () => undefined },
    });
    this.direct = new DirectEdge({
      ...about,
      ...{ sessions, resumeWindowMs: 60_000, observed: new ObservedConnections(), findRoute: async () => findRoute() },
      log: this.log,
    });
  }

  get route(): OwnerRoute {
    return { tenantId: 'acme', node: { id: this.id, boot: 'b_1', link: this.url } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.direct.close();
    await this.#server.close();
  }
}

/** Two workers, and an agent that has its session on the first. */
class Cluster implements AsyncDisposable {
  readonly store = new StreamStore({ nowMs: () => performance.now() });
  readonly sessionId = randomId('s');
  readonly far: Recorder[] = [];
  readonly accepted: Stream[] = [];
  owner: Worker | undefined;
  readonly #workers: Worker[] = [];

  static async start(): Promise<Cluster> {
    const cluster = new Cluster();
    for (const id of ['w_1', 'w_2']) cluster.#workers.push(await Worker.start(id, () => cluster.owner?.route));
    return cluster;
  }

  worker(index: 0 | 1): Worker {
    return this.#workers[index] ?? assert.fail();
  }

  /** The agent attaches to a worker, which claims the session. */
  async attach(worker: Worker): Promise<Link> {
    const ticket = ticketOf({ sessionId: this.sessionId, node: worker.id, expiresAt: Date.now() + 10_000 });
    const link = await dialLink({
      ...{ url: worker.url, token: signTicket(SECRET, ticket), role: 'agent', id: 'a_1', software: 'test/1' },
      ...{ deadlineMs: 5_000, logger: silentLogger, store: this.store },
      accept: (pending: PendingStream) => {
        const stream = pending.accept();
        this.accepted.push(stream);
        this.far.push(new Recorder(stream));
      },
    });
    this.owner = worker;
    return link;
  }

  tunnel(worker: Worker): Promise<Tunnel> {
    return worker.direct.resolve({
      username: this.sessionId,
      password: proxySecret(SECRET, this.sessionId),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker[Symbol.asyncDispose]();
  }
}

describe("connections on a worker's own address", { timeout: 10_000 }, () => {
  const signal = new AbortController().signal;

  it('follow their session to another worker, and back, without losing a byte', async () => {
    await using cluster = await Cluster.start();
    const [home, other] = [cluster.worker(0), cluster.worker(1)];
    const first = await cluster.attach(home);
    const stream = await (await cluster.tunnel(home)).open(TARGET, signal);
    const near = new Recorder(stream);
    const says = async (up: string, down: string): Promise<void> => {
      const [sent, got] = [near.bytes.length + down.length, (cluster.far[0]?.bytes.length ?? 0) + up.length];
      stream.write(Buffer.from(up));
      cluster.accepted[0]?.write(Buffer.from(down));
      await until('all bytes arrived', () => {
        return near.bytes.length === sent && cluster.far[0]?.bytes.length === got;
      });
    };
    await says('one ', 'eins ');
    assert.deepEqual([...home.direct.streams()], [['w_1', 1]], 'inside the process');

    const second = await cluster.attach(other);
    first.leave();
    first.close();
    await says('two ', 'zwei ');
    assert.deepEqual([[...home.direct.streams()], home.direct.detached], [[['w_2', 1]], 0]);
    assert.equal(other.world.sessions.connections, 1, 'over a link to the new owner');
    assert.equal(home.world.sessions.connections, 0);
    assert.deepEqual(
      [home.direct.connections.size, other.direct.connections.size],
      [1, 0],
      'its browser is still here',
    );

    const third = await cluster.attach(home);
    second.leave();
    second.close();
    await says('three', 'drei');
    assert.deepEqual(
      home.log.since(0).items.map(({ from, to, outcome, session }) => [from, to, outcome, session]),
      [
        ['w_1', 'w_2', 'resumed', cluster.sessionId],
        ['w_2', 'w_1', 'resumed', cluster.sessionId],
      ],
    );
    assert.equal(home.world.sessions.connections, 1);
    assert.deepEqual([near.bytes.toString(), cluster.far[0]?.bytes.toString()], ['eins zwei drei', 'one two three']);
    assert.deepEqual([near.events, cluster.far[0]?.events], [[], []]);

    stream.end();
    cluster.accepted[0]?.end();
    await until('it ended', () => stream.closed);
    assert.deepEqual([home.direct.connections.size, near.events], [0, ['end', 'closed']]);
    third.close();
    await third.closed;
  });

  it('go on when the link of their agent breaks and it comes back to the same worker', async () => {
    await using cluster = await Cluster.start();
    const home = cluster.worker(0);
    const first = await cluster.attach(home);
    const stream = await (await cluster.tunnel(home)).open(TARGET, signal);
    new Recorder(stream);
    const again = await cluster.attach(home);
    await first.closed;
    stream.write(Buffer.from('still here'));
    await until('the bytes arrived', () => cluster.far[0]?.bytes.length === 10);
    assert.equal(stream.closed, false);
    again.close();
    await again.closed;
  });

  it('are not opened where the session is not', async () => {
    await using cluster = await Cluster.start();
    const link = await cluster.attach(cluster.worker(0));
    await assert.rejects(cluster.tunnel(cluster.worker(1)), { code: 'session_offline', retryAfterSeconds: 1 });
    const tunnel = await cluster.tunnel(cluster.worker(0));
    link.close();
    await link.closed;
    await until('the session ended', () => cluster.worker(0).world.sessions.size === 0);
    await assert.rejects(tunnel.open(TARGET, signal), { code: 'session_offline', retryAfterSeconds: 1 });
  });

  it('are reset by a forced drain, and both ends hear why', async () => {
    await using cluster = await Cluster.start();
    const home = cluster.worker(0);
    await cluster.attach(home);
    const near = new Recorder(await (await cluster.tunnel(home)).open(TARGET, signal));
    const { sessions, clock } = home.world;
    const about = { selfId: home.id, version: '1', pool: 'default', clock, logger: silentLogger };
    const drain = new Drain({ ...about, sessions, direct: home.direct.connections, nodes: async () => [] });
    const [, held, ...others] = drain.blockers();
    assert.partialDeepStrictEqual(held, { reason: 'direct', connection: 'c_1', target: 'app.internal:443' });
    assert.deepEqual([others, held?.lastByteAt], [[], '1970-01-01T00:00:00.000Z'], 'as the switch has seen it');
    drain.order({ stage: 'force', deployment: 'd_1' });
    await until('the agent heard of it', () => cluster.far[0]?.events.length === 2);
    assert.deepEqual([near.events, cluster.far[0]?.events], Array(2).fill(['closed', 'reset draining']));
    assert.equal(drain.state, 'empty');
    assert.partialDeepStrictEqual(drain.report().sessions, [
      { outcome: 'forced', connectionsLost: 1, connectionsMoved: 0 },
    ]);
    drain.close();
  });

  it('are reset when the worker stops, wherever their session is', async () => {
    await using cluster = await Cluster.start();
    const first = await cluster.attach(cluster.worker(0));
    const stream = await (await cluster.tunnel(cluster.worker(0))).open(TARGET, signal);
    const near = new Recorder(stream);
    await cluster.attach(cluster.worker(1));
    first.leave();
    await until('it followed', () => cluster.worker(1).world.sessions.connections === 1);
    cluster.worker(0).direct.close();
    assert.deepEqual(near.events, ['closed', 'reset shutting_down']);
    await until('the agent heard of it', () => cluster.far[0]?.events.length === 2);
    assert.deepEqual(cluster.far[0]?.events, ['closed', 'reset shutting_down']);
  });
});
