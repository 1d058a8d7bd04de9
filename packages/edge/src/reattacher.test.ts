import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { StreamEnd } from '@culvert/mux';
import { ManualClock, RESUME_MS, Recorder, ResumePair } from '@culvert/mux/testing';
import type { ConnectionObserver } from './observer.ts';
import { ReattachLog } from './reattach-log.ts';
import { Reattacher } from './reattacher.ts';
import type { OwnerRoute } from './routed-tunnel.ts';

const owner = (id: string): OwnerRoute => ({ tenantId: 'acme', node: { id, boot: `${id}b`, link: `ws://${id}/link` } });
const ANSWER_MS = 5_000;

/** Lets what was promised happen. */
const turn = () => new Promise(setImmediate);

/** An edge and an agent whose path is lost, and a directory that says what the test wants. */
class World {
  readonly clock = new ManualClock();
  readonly pair = new ResumePair();
  readonly reattacher: Reattacher;
  /** Looks for the owner, by the time at which they were made, ms. */
  readonly looks: number[] = [];
  readonly dialed: string[] = [];
  /** What observers hear of connections. */
  readonly heard: string[] = [];
  readonly #observer: ConnectionObserver = {
    opened: () => undefined,
    failed: () => undefined,
    detached: () => undefined,
    resumed: ({ gapMs, replayedBytes }) => this.heard.push(`resumed ${gapMs} ${replayedBytes}`),
    lost: (code) => this.heard.push(`lost ${code}`),
    closed: () => undefined,
  };
  readonly log = new ReattachLog();
  route: OwnerRoute | undefined | CulvertError;
  /** Resolves looks, when the test holds them up. */
  gate: Promise<void> = Promise.resolve();

  constructor() {
    this.reattacher = new Reattacher({
      clock: this.clock,
      random: () => 0.5,
      resumeWindowMs: RESUME_MS,
      logger: silentLogger,
      log: this.log,
      observed: { get: () => this.#observer, resumeAttempt: () => undefined },
      findRoute: async (_sessionId, { refresh }) => {
        assert.ok(refresh, 'what was known has turned out to be wrong');
        this.looks.push(this.clock.monotonic());
        const { route } = this;
        await this.gate;
        if (route instanceof CulvertError) throw route;
        return route;
      },
      links: {
        linkTo: async ({ id }) => {
          this.dialed.push(id);
          return {
            resume: (stream, outcome) => {
              const asked = this.pair.path.edge.resume(stream, outcome);
              return () => asked.leave();
            },
          };
        },
      },
    });
  }

  open() {
    const ends = this.pair.open();
    return { ...ends, near: new Recorder(ends.edge), far: new Recorder(ends.agent) };
  }

  /** The path is lost, for all streams on it; the edge's wait for another. */
  async lose(): Promise<void> {
    this.pair.path.cut();
    for (const stream of this.pair.detached.splice(0)) this.take(stream);
    await turn();
  }

  take(stream: StreamEnd): void {
    this.reattacher.take(stream, { code: 'link_lost', message: 'cut' }, 'w1');
  }

  /** What the log says became of the connections. */
  get fates() {
    const { items } = this.log.since(0);
    return items.map(({ from, to, why, outcome, code, gapMs, replayedBytes }) =>
      [`${from} → ${to}`, why, outcome, code, gapMs, replayedBytes].join(' '),
    );
  }

  async advance(ms: number): Promise<void> {
    // Step by step: what is found out on the way leads to further timers.
    for (const end = this.clock.monotonic() + ms; ; ) {
      const next = Math.min(end, this.clock.next ?? end);
      this.clock.advance(next - this.clock.monotonic());
      this.pair.nowMs = this.clock.monotonic();
      await turn();
      if (next >= end) return;
    }
  }
}

describe('connections that have lost their path', { timeout: 5_000 }, () => {
  it('go on over the new owner', async () => {
    const world = new World();
    const { edge, near, far } = world.open();
    edge.write(Buffer.from('kept'));
    await world.lose();
    assert.deepEqual([world.reattacher.detached, world.looks], [1, [0]]);
    world.pair.connect();
    world.route = owner('w2');
    await world.advance(200);
    world.pair.deliver();
    assert.deepEqual([world.dialed.at(-1), far.bytes.toString(), near.events], ['w2', 'kept', []]);
    assert.match(world.heard.join(), /^resumed 200 4$/);
    assert.deepEqual(world.fates, ['w1 → w2 link_lost resumed  200 4']);
    assert.deepEqual([world.reattacher.detached, world.clock.next], [0, undefined], 'nothing goes on looking');
  });

  it('look again and again while nobody owns the session, at ever longer pauses of at most a second', async () => {
    const world = new World();
    world.open();
    await world.lose();
    await world.advance(10_000);
    const pauses = world.looks.slice(1).map((at, i) => at - (world.looks[i] ?? 0));
    assert.deepEqual(pauses.slice(0, 6), [30, 50, 90, 170, 330, 510]);
    assert.ok(pauses.every((pause) => pause >= 10 && pause <= 1_010));
    assert.ok(world.looks.length > 15);
  });

  it('do not mind that the registry is away, or that a worker cannot be reached', async () => {
    const world = new World();
    world.route = new CulvertError('registry_unavailable');
    const { edge } = world.open();
    await world.lose();
    await world.advance(3_000);
    world.pair.connect();
    world.route = owner('w2');
    await world.advance(1_500);
    world.pair.deliver();
    assert.equal(edge.attached, true);
  });

  it('look at once when there is a hint', async () => {
    const world = new World();
    const { edge } = world.open();
    await world.lose();
    await world.advance(5_000);
    const before = world.looks.length;
    world.pair.connect();
    world.route = owner('w2');
    world.reattacher.hint('s_other');
    assert.equal(world.looks.length, before);
    world.reattacher.hint('s_1');
    assert.equal(world.looks.length, before + 1);
    await turn();
    world.pair.deliver();
    assert.equal(edge.attached, true);
  });

  it('a hint does not wait for a look that is under way, and what that finds out is old', async () => {
    const world = new World();
    const { edge } = world.open();
    const gate = Promise.withResolvers<void>();
    world.gate = gate.promise;
    world.route = owner('w_gone');
    await world.lose();
    world.pair.connect();
    world.gate = Promise.resolve();
    world.route = owner('w2');
    world.reattacher.hint('s_1');
    await turn();
    world.pair.deliver();
    assert.equal(edge.attached, true);
    gate.resolve();
    await turn();
    assert.deepEqual(world.dialed, ['w2']);
  });

  for (const code of ['target_reset', 'aborted'] as const) {
    it(`that the agent has ended meanwhile end with its code (${code})`, async () => {
      const world = new World();
      const { agent, near } = world.open();
      await world.lose();
      agent.reset(code);
      world.pair.connect();
      world.route = owner('w2');
      await world.advance(100);
      world.pair.deliver();
      assert.deepEqual([near.events, world.heard], [['closed', `reset ${code}`], [`lost ${code}`]]);
      assert.deepEqual(world.fates, [`w1 → w2 link_lost lost ${code} 100 0`]);
      assert.deepEqual([world.reattacher.detached, world.clock.next], [0, undefined]);
    });
  }

  it('that the agent does not know end at once: it has another memory than it had', async () => {
    const world = new World();
    const { edge, near } = world.open();
    world.pair.path.cut();
    const other = new World();
    other.pair.connect();
    other.route = owner('w2');
    other.take(edge);
    await turn();
    other.pair.deliver();
    assert.deepEqual(near.events, ['closed', 'reset unknown_stream']);
  });

  it('end when their window is over, whatever is still looked for', async () => {
    const world = new World();
    const { near } = world.open();
    await world.lose();
    await world.advance(RESUME_MS - 1);
    assert.deepEqual(near.events, []);
    await world.advance(1);
    assert.deepEqual([near.events, world.heard], [['closed', 'reset resume_expired'], ['lost resume_expired']]);
    assert.deepEqual(world.fates, [`w1 → null link_lost lost resume_expired ${RESUME_MS} 0`]);
    assert.deepEqual([world.reattacher.detached, world.clock.next], [0, undefined]);
  });

  it('of which only the last word is missing when the window is over have lost nothing', async () => {
    const world = new World();
    const { edge, agent, near } = world.open();
    agent.end();
    world.pair.deliver();
    edge.end();
    await world.lose();
    await world.advance(RESUME_MS);
    assert.deepEqual([near.events, world.heard, world.fates], [['end', 'closed'], [], []]);
  });

  it('that ended while they had no path tell the agent', async () => {
    const world = new World();
    const { edge, far } = world.open();
    await world.lose();
    edge.reset('aborted');
    world.pair.connect();
    world.route = owner('w2');
    await world.advance(100);
    world.pair.deliver();
    assert.deepEqual([far.events, world.heard], [['closed', 'reset aborted'], []]);
    assert.equal(world.reattacher.detached, 0);
  });

  it('a thousand of one session cost one look', async () => {
    const world = new World();
    const streams = Array.from({ length: 1_000 }, () => world.open());
    world.route = owner('w2');
    world.pair.replacePath();
    for (const stream of world.pair.detached.splice(0)) world.take(stream);
    await turn();
    world.pair.deliver();
    assert.ok(streams.every(({ edge }) => edge.attached));
    assert.deepEqual([world.looks.length, world.dialed.length, world.heard.length], [1, 1, 1_000]);
    assert.equal(world.clock.next, undefined, 'one timer for each, and all of them gone');
  });

  it('a path over which no answer comes is given up after 5 s, and another one is asked for', async () => {
    const world = new World();
    const { edge } = world.open();
    world.route = owner('w_silent');
    const silent = world.pair.replacePath();
    for (const stream of world.pair.detached.splice(0)) world.take(stream);
    await turn();
    await world.advance(ANSWER_MS - 1);
    assert.deepEqual([edge.attached, silent.edge.size], [false, 1], 'it is asked for once');
    const next = world.pair.connect();
    await world.advance(1_100);
    assert.equal(silent.edge.size, 0, 'the attempt is taken back there');
    next.carry(Number.POSITIVE_INFINITY);
    assert.equal(edge.attached, true);
  });

  it('a second loss while they are being resumed begins another search', async () => {
    const world = new World();
    const { edge, far } = world.open();
    world.route = owner('w2');
    world.pair.path.cut();
    world.pair.connect();
    for (const stream of world.pair.detached.splice(0)) world.take(stream);
    await turn();
    world.pair.path.toAgent.carry(Number.POSITIVE_INFINITY);
    await world.lose();
    edge.write(Buffer.from('still here'));
    world.pair.connect();
    await world.advance(200);
    world.pair.deliver();
    assert.deepEqual([edge.attached, far.bytes.toString()], [true, 'still here']);
  });

  it('end with the process', async () => {
    const world = new World();
    const { edge, near } = world.open();
    const late = world.open();
    world.pair.path.cut();
    world.take(edge);
    world.reattacher.close();
    world.take(late.edge);
    for (const { events } of [near, late.near]) assert.deepEqual(events, ['closed', 'reset shutting_down']);
    await turn();
    assert.deepEqual([world.reattacher.detached, world.clock.next], [0, undefined]);
  });
});
