import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { type ClusterSecret, createAdminServer, Health, WorkerClient } from '@culvert/service';
import { createMetrics } from '@culvert/telemetry/testing';
import { addAskRoute } from './ask-route.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

/** On loopback nobody is asked for a key. */
const secret = {} as ClusterSecret;

/** A worker's admin address with one session, whose gate and whose idea of Redis's clock the test holds. */
class Asked implements AsyncDisposable {
  readonly world = new StillWorld();
  readonly client = new WorkerClient({ key: 'k' });
  readonly #metrics = createMetrics({ role: 'worker', version: '1', node_id: 'w_1' });
  readonly #server = createAdminServer({
    ...{ listen: { host: '127.0.0.1', port: 0 }, advertiseHost: null, secret },
    ...{ health: new Health(), metrics: this.#metrics, logger: silentLogger },
  });
  readonly gate = {
    closed: false,
    waiting: [] as (() => void)[],
    pass(_nowMs: number, opened: () => void): boolean {
      if (this.closed) this.waiting.push(opened);
      return !this.closed;
    },
    open(): void {
      this.closed = false;
      for (const opened of this.waiting.splice(0)) opened();
    },
  };
  redisMs: number | undefined = 50_000;
  admin = '';
  readonly #arrivals = new EventEmitter();
  #arrived = 0;

  static async start() {
    const asked = new Asked();
    const { world, gate } = asked;
    const { sessions, clock } = world;
    asked.#server.app.addHook('preHandler', async () => {
      asked.#arrived += 1;
      asked.#arrivals.emit('question');
    });
    addAskRoute(asked.#server.app, { sessions, gate, clock, redisNow: () => asked.redisMs });
    asked.admin = await asked.#server.listen();
    const { actor, link } = await world.admit(ticketOf({ lastEpoch: 10 }));
    return Object.assign(asked, { actor, link, epoch: actor.epoch ?? 0 });
  }

  /** Resolves once so many questions have reached the actor's door. */
  async arrived(count: number): Promise<void> {
    while (this.#arrived < count) await once(this.#arrivals, 'question');
    await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.#metrics.close();
  }
}

const close = { kind: 'close' } as const;

describe('POST /sessions/:id/ask', { timeout: 10_000 }, () => {
  it('has the actor do what is asked, and tells what came of it', async () => {
    await using asked = await Asked.start();
    const { client, admin, actor, epoch, redisMs } = asked;
    const within = { epoch, withinMs: 2_000, notAfterMs: redisMs ?? 0 };
    const described = await client.ask(admin, actor.id, { ...within, question: { kind: 'describe' } });
    assert.partialDeepStrictEqual(described, { outcome: 'done', session: { id: actor.id, epoch, connections: [] } });
    const moved = await client.ask(admin, actor.id, { ...within, question: { kind: 'move', to: 'w2' } });
    assert.deepEqual(moved, { outcome: 'done', to: 'w2' });
    assert.deepEqual(await client.ask(admin, actor.id, { ...within, question: close }), { outcome: 'done' });
    assert.equal(actor.state.phase, 'closed');
  });

  it("that comes after its deadline on Redis's clock does nothing", async () => {
    await using asked = await Asked.start();
    const { client, admin, actor, epoch } = asked;
    const late = { epoch, withinMs: 2_000, notAfterMs: 49_999, question: close };
    assert.deepEqual(await client.ask(admin, actor.id, late), { outcome: 'late' });
    assert.equal(actor.state.phase, 'idle');
    // Without the clock there is only the time from its arrival, and whether the asker still waits.
    asked.redisMs = undefined;
    assert.deepEqual(await client.ask(admin, actor.id, late), { outcome: 'done' });
  });

  it('waits while the worker finds out which sessions are its own', async () => {
    await using asked = await Asked.start();
    const { client, admin, actor, epoch, gate } = asked;
    gate.closed = true;
    const question = { kind: 'close_if_idle' } as const;
    const two = [1, 2].map(() => client.ask(admin, actor.id, { epoch, withinMs: 5_000, question }));
    await asked.arrived(2);
    assert.deepEqual([actor.state.phase, gate.waiting.length], ['idle', 1], 'all wait as one');
    gate.open();
    const outcomes = (await Promise.all(two)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes.toSorted(), ['done', 'wrong_owner']);
  });

  it('… and does nothing once its time is up, whether the gate opens after that or not', async () => {
    await using asked = await Asked.start();
    const { client, admin, actor, epoch, gate, world } = asked;
    gate.closed = true;
    const body = JSON.stringify({ epoch, withinMs: 20, question: close });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${admin}/sessions/${actor.id}/ask`, { method: 'POST', headers, body });
    assert.deepEqual(await answer.json(), { outcome: 'late' });
    const overtaken = client.ask(admin, actor.id, { epoch, withinMs: 5_000, question: close });
    await asked.arrived(2);
    world.clock.advance(5_001);
    gate.open();
    assert.deepEqual(await overtaken, { outcome: 'late' });
    assert.equal(actor.state.phase, 'idle');
  });

  it('of an asker who has hung up does nothing', async () => {
    await using asked = await Asked.start();
    const { admin, actor, epoch } = asked;
    asked.redisMs = undefined;
    const body = JSON.stringify({ epoch, withinMs: 60_000, question: close });
    const request =
      `POST /sessions/${actor.id}/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`;
    const { hostname, port } = new URL(admin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(request);
    socket.destroy(); // both before the worker has its next turn, as if it had been stopped meanwhile
    const other = new WorkerClient({ key: 'k' });
    const after = await other.ask(admin, actor.id, { epoch, withinMs: 2_000, question: { kind: 'describe' } });
    assert.equal(after.outcome, 'done');
    assert.equal(actor.state.phase, 'idle');
  });

  it('checks and closes in one step: a connection that is opened at the same time is kept, or refused', async () => {
    await using asked = await Asked.start();
    const { client, admin, world } = asked;
    const outcomes = new Set<string>();
    for (let turns = 0; turns < 12; turns += 1) {
      const { actor } = await world.admit();
      const edge = new FrameEdge(world.sessions);
      const question = { kind: 'close_if_idle' } as const;
      const asking = client.ask(admin, actor.id, { epoch: actor.epoch ?? 0, withinMs: 2_000, question });
      // Opened before the question is there, after its answer, and at many points between.
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      const opened = edge.open(actor.id) !== undefined;
      const { outcome } = await asking;
      outcomes.add(outcome);
      assert.equal(outcome, opened ? 'busy' : 'done');
      assert.equal(actor.state.phase, opened ? 'busy' : 'closed');
    }
    assert.deepEqual([...outcomes].toSorted(), ['busy', 'done'], 'both were seen');
  });

  it('refuses what is no question, and one without an epoch or a time', async () => {
    await using asked = await Asked.start();
    const { client, admin, actor, epoch } = asked;
    const good = { epoch, withinMs: 1_000, question: close };
    for (const bad of [
      { ...good, question: { kind: 'forget' } },
      { ...good, question: { kind: 'move', to: '../x' } },
      { ...good, epoch: 0 },
      { ...good, epoch: undefined },
      { ...good, withinMs: 60_001 },
      { ...good, notAfterMs: 'x' },
    ]) {
      const asking = client.ask(admin, actor.id, bad as typeof good);
      await assert.rejects(asking, (error) => error instanceof CulvertError && error.code === 'invalid_request');
    }
    assert.equal(actor.state.phase, 'idle');
  });
});
