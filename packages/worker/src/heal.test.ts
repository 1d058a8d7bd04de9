import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { Missing, SessionView } from '@culvert/registry';
import { Heal } from './heal.ts';
import type { SessionActor } from './session-actor.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, LinkStandIn, sideOf, ticketOf } from './testing/world.ts';

const UNKNOWN: Missing = { kind: 'unknown' };
const NOTHING: Missing = { kind: 'nothing' };
const lost = (sessionId: string, epoch: number, released = false): Missing => ({
  kind: 'some',
  operations: [{ sessionId, epoch, released }],
});

/** Lets what was promised happen. */
const turn = () => new Promise(setImmediate);

/** A worker with sessions, and a directory that notes what it is told. */
class Healing {
  readonly world = new StillWorld();
  readonly heal: Heal;
  /** `tell …`, `release …`, `list …`, `confirm …`, in order. */
  readonly log: string[] = [];
  /** What the directory has under this boot: id → epoch. */
  readonly entries = new Map<string, number>();
  node = { id: 'w_1', boot: 'b_1' };
  /** Commands fail while this is set. */
  away: CulvertError | undefined;
  /** Each telling waits for this. */
  held: Promise<void> | undefined;
  random = 0.5;
  pageSize = 1_000;
  /** Happens behind each list. */
  listed: () => void = () => undefined;
  /** Whose the entries are when they are read. */
  owner = this.node;

  constructor() {
    const { node } = this;
    this.heal = new Heal({
      sessions: this.world.sessions,
      presence: {
        get node() {
          return {
            ...node,
            role: 'worker',
            version: '1',
            pool: 'default',
            host: 'h',
            pid: 1,
            admin: '',
            capacity: 1,
            admissionRate: 1,
          } as const;
        },
        confirmRound: (round) => void this.log.push(`confirm ${round}`),
      },
      reporter: { reassert: (actors) => this.#take(actors) },
      registry: {
        listOwned: async ({ boot }, after = '') => {
          this.#mayFail();
          this.log.push(`list ${boot}${after && ` ${after}`}`);
          const ids = [...this.entries.keys()]
            .sort()
            .filter((id) => id > after)
            .slice(0, this.pageSize);
          this.listed();
          return { ids, next: ids.length < this.pageSize ? null : (ids.at(-1) ?? null) };
        },
        getSession: async (id) => {
          this.#mayFail();
          const epoch = this.entries.get(id);
          if (epoch === undefined) throw new CulvertError('recovering');
          return { id, epoch, node: this.owner.id, boot: this.owner.boot } as SessionView;
        },
        release: async ({ sessionId, epoch }) => {
          this.#mayFail();
          this.log.push(`release ${sessionId} ${epoch}`);
          if (this.entries.get(sessionId) === epoch) this.entries.delete(sessionId);
          return 'released';
        },
      },
      clock: this.world.clock,
      logger: silentLogger,
      random: () => this.random,
    });
  }

  async admit(count: number): Promise<SessionActor[]> {
    const actors: SessionActor[] = [];
    for (let i = 0; i < count; i += 1) actors.push((await this.world.admit()).actor);
    return actors;
  }

  async hear(missing: Missing, round = 'r1'): Promise<void> {
    this.heal.hear({ missing, round });
    await turn();
  }

  async advance(ms: number): Promise<void> {
    this.world.clock.advance(ms);
    await turn();
  }

  /** Lets pauses pass until nothing is left to do. */
  async settle(): Promise<void> {
    for (let i = 0; i < 1_000 && this.world.clock.next !== undefined; i += 1) {
      await this.advance(Math.max(0, this.world.clock.next - this.world.clock.monotonic()));
    }
  }

  async #take(actors: readonly SessionActor[]): Promise<void> {
    this.#mayFail();
    await this.held;
    this.log.push(`tell ${actors.length}`);
    for (const { id, epoch } of actors) this.entries.set(id, epoch ?? 0);
  }

  #mayFail(): void {
    if (this.away !== undefined) throw this.away;
  }
}

describe('healing the directory', { timeout: 10_000 }, () => {
  it('a boot that is new alone tells everything at once, in batches with pauses, and then confirms the round', async () => {
    const healing = new Healing();
    const actors = await healing.admit(250);
    await healing.hear(UNKNOWN);
    assert.deepEqual(healing.log, []);
    await healing.advance(0);
    assert.deepEqual(healing.log, ['tell 100'], 'others have their turn behind each batch');
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 50', 'list b_1', 'confirm r1']);
    assert.equal(healing.entries.size, actors.length);
  });

  it('strays: what the directory has under this boot and is not here is taken out, and nothing is told', async () => {
    const healing = new Healing();
    const [actor] = await healing.admit(1);
    assert.ok(actor);
    healing.entries.set(actor.id, actor.epoch ?? 0).set('s_stray', 7);
    await healing.hear(NOTHING);
    healing.heal.lookForStrays();
    await healing.settle();
    assert.deepEqual(healing.log, ['confirm r1', 'list b_1', 'release s_stray 7', 'confirm r1']);
    assert.deepEqual([...healing.entries.keys()], [actor.id]);
  });

  it('strays told of while it looks: it looks once more; while the directory is away it keeps its pauses', async () => {
    const healing = new Healing();
    await healing.hear(NOTHING);
    healing.away = new CulvertError('registry_unavailable');
    healing.heal.lookForStrays();
    for (let i = 0; i < 5; i += 1) healing.heal.lookForStrays();
    await healing.advance(10);
    assert.deepEqual(healing.log, ['confirm r1']);
    healing.away = undefined;
    await healing.settle();
    assert.deepEqual(healing.log, ['confirm r1', 'list b_1', 'confirm r1', 'list b_1', 'confirm r1']);
  });

  it('after a loss, which all have heard of, it begins at its own moment of the second', async () => {
    const healing = new Healing();
    await healing.admit(1);
    await healing.hear(NOTHING);
    healing.random = 0.75;
    await healing.hear(UNKNOWN, 'r2');
    await healing.advance(749);
    assert.deepEqual(healing.log, ['confirm r1']);
    await healing.advance(1);
    await healing.settle();
    assert.deepEqual(healing.log, ['confirm r1', 'tell 1', 'list b_1', 'confirm r2']);
  });

  it('tells the busy sessions first', async () => {
    const healing = new Healing();
    const actors = await healing.admit(150);
    const busy = actors.at(-1) ?? assert.fail();
    new FrameEdge(healing.world.sessions).open(busy.id);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    assert.deepEqual([healing.log, healing.entries.has(busy.id)], [['tell 100'], true]);
    healing.heal.close();
  });

  it('nothing is missing: the round is confirmed', async () => {
    const healing = new Healing();
    await healing.admit(1);
    await healing.hear(NOTHING, 'r7');
    assert.deepEqual(healing.log, ['confirm r7']);
  });

  it('what the directory has under this boot and is not here is released, whole pages of it', async () => {
    const healing = new Healing();
    healing.pageSize = 2;
    const [actor = assert.fail()] = await healing.admit(1);
    for (const id of ['a_1', 'a_2', 'a_3', 'z_1']) healing.entries.set(id, 7);
    await healing.hear(UNKNOWN);
    await healing.settle();
    const released = healing.log.filter((line) => line.startsWith('release'));
    assert.deepEqual(released, ['release a_1 7', 'release a_2 7', 'release a_3 7', 'release z_1 7']);
    assert.deepEqual([...healing.entries.keys()], [actor.id]);
    assert.equal(healing.log.at(-1), 'confirm r1');
  });

  it('an id that has gone since it was listed holds nothing up, though nothing is called absent yet', async () => {
    const healing = new Healing();
    healing.entries.set('s_gone', 7);
    healing.listed = () => healing.entries.delete('s_gone');
    await healing.hear(UNKNOWN);
    await healing.settle();
    assert.deepEqual(healing.log, ['list b_1', 'confirm r1']);
  });

  it('what was taken by another owner since it was listed is left to that one', async () => {
    const healing = new Healing();
    healing.entries.set('s_taken', 7);
    healing.owner = { id: 'w_2', boot: 'b_1' };
    await healing.hear(UNKNOWN);
    await healing.settle();
    assert.deepEqual(healing.log, ['list b_1', 'confirm r1']);
  });

  it('a session whose claim is under way is left to its outcome', async () => {
    const healing = new Healing();
    const ticket = ticketOf();
    const underWay = Promise.withResolvers<void>();
    const { sessions } = healing.world;
    healing.world.claims = underWay.promise;
    const admitted = sessions.admit(ticket, new LinkStandIn().asLink(), sideOf(sessions));
    healing.entries.set(ticket.sessionId, 1);
    healing.entries.set('s_other', 1);
    await healing.hear(UNKNOWN);
    await healing.settle();
    assert.deepEqual(healing.log, ['list b_1', 'release s_other 1', 'confirm r1']);
    underWay.resolve();
    assert.equal((await admitted)?.epoch, 1);
    assert.deepEqual(healing.world.released, []);
  });

  it('lost operations: tells again exactly what is here with that epoch, releases again what is not', async () => {
    const healing = new Healing();
    const [one = assert.fail(), two = assert.fail(), three = assert.fail()] = await healing.admit(3);
    const operations = [
      { sessionId: one.id, epoch: one.epoch ?? 0, released: false },
      { sessionId: two.id, epoch: 0, released: true },
      { sessionId: 's_closed', epoch: 9, released: false },
    ];
    await healing.hear({ kind: 'some', operations });
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 1', `release ${two.id} 0`, 'release s_closed 9', 'confirm r1']);
    assert.deepEqual([...healing.entries.keys()], [one.id]);
    assert.ok(!healing.entries.has(three.id));
  });

  it('what is lost while it is at work is done as well, and only then is the round confirmed', async () => {
    const healing = new Healing();
    const [one = assert.fail(), two = assert.fail()] = await healing.admit(2);
    healing.away = new CulvertError('registry_unavailable');
    await healing.hear(lost(one.id, one.epoch ?? 0));
    await healing.advance(0);
    await healing.hear(lost(two.id, two.epoch ?? 0), 'r2');
    // Said of the second loss only: the first one is not done with either.
    await healing.hear(NOTHING, 'r2');
    healing.away = undefined;
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 2', 'confirm r2']);
  });

  it('everything is told again when lost operations come on top of it', async () => {
    const healing = new Healing();
    const [one = assert.fail()] = await healing.admit(120);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    await healing.hear(lost(one.id, one.epoch ?? 0), 'r2');
    healing.log.length = 0;
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 100', 'tell 20', 'list b_1', 'confirm r2']);
  });

  it('a newer loss starts over; the same one, said again, does not', async () => {
    const healing = new Healing();
    await healing.admit(250);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    await healing.hear(UNKNOWN);
    await healing.advance(1);
    await healing.advance(1);
    assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 50']);
    healing.random = 0;
    await healing.hear(UNKNOWN, 'r2');
    await healing.settle();
    assert.deepEqual(healing.log.slice(3), ['tell 100', 'tell 100', 'tell 50', 'list b_1', 'confirm r2']);
  });

  it('what was told under a boot that is dead by now is told again under the next one', async () => {
    const healing = new Healing();
    await healing.admit(150);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    healing.node.boot = 'b_2';
    await healing.hear(UNKNOWN);
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 50', 'list b_2', 'confirm r1']);
  });

  it('once everything has gone through, later rounds are confirmed as they come', async () => {
    const healing = new Healing();
    await healing.admit(1);
    await healing.hear(UNKNOWN);
    await healing.settle();
    await healing.hear(NOTHING, 'r2');
    assert.deepEqual(healing.log.slice(2), ['confirm r1', 'confirm r2']);
  });

  it('what has gone through is not repeated when a command fails; nothing is confirmed before', async () => {
    const healing = new Healing();
    await healing.admit(250);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    healing.away = new CulvertError('registry_unavailable');
    for (let i = 0; i < 20; i += 1) await healing.advance(1_000);
    assert.deepEqual(healing.log, ['tell 100']);
    healing.away = undefined;
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 50', 'list b_1', 'confirm r1']);
  });

  for (const [took, paused] of [
    [7, 7],
    [500, 10],
  ] as const) {
    it(`others have their turn: a command that took ${took} ms is followed by a pause of ${paused} ms`, async () => {
      const healing = new Healing();
      await healing.admit(200);
      const gate = Promise.withResolvers<void>();
      healing.held = gate.promise;
      await healing.hear(UNKNOWN);
      await healing.advance(0);
      await healing.advance(took);
      gate.resolve();
      await turn();
      await healing.advance(paused - 1);
      assert.deepEqual(healing.log, ['tell 100']);
      await healing.advance(1);
      assert.deepEqual(healing.log, ['tell 100', 'tell 100']);
      healing.heal.close();
    });
  }

  it('under a boot that was declared dead meanwhile it confirms nothing', async () => {
    const healing = new Healing();
    await healing.admit(1);
    await healing.hear(UNKNOWN);
    await healing.advance(0);
    healing.node.boot = 'b_2';
    await healing.settle();
    assert.deepEqual(healing.log, ['tell 1', 'list b_2']);
    await healing.hear(UNKNOWN);
    await healing.settle();
    assert.deepEqual(healing.log.slice(2), ['tell 1', 'list b_2', 'confirm r1']);
  });

  describe('asked about every session', () => {
    it('resolves once all were told, before the directory is cleared', async () => {
      const healing = new Healing();
      await healing.admit(150);
      let checked = false;
      const check = healing.heal.all(healing.world.clock.monotonic()).then(() => {
        checked = true;
      });
      await healing.advance(0);
      assert.deepEqual([healing.log, checked], [['tell 100'], false]);
      await healing.advance(1);
      await healing.advance(1);
      await check;
      assert.deepEqual(healing.log.slice(0, 2), ['tell 100', 'tell 50']);
      healing.heal.close();
    });

    it('resolves at once when that has been done, and the directory is being cleared', async () => {
      const healing = new Healing();
      await healing.admit(1);
      await healing.hear(UNKNOWN);
      await healing.advance(0);
      await healing.advance(1);
      assert.deepEqual(healing.log, ['tell 1', 'list b_1']);
      await healing.heal.all(0);
      healing.heal.close();
    });

    it('counts what began since then, and nothing older', async () => {
      const healing = new Healing();
      await healing.admit(250);
      const sinceMs = healing.world.clock.monotonic();
      await healing.hear(UNKNOWN);
      await healing.advance(0);
      const joined = healing.heal.all(sinceMs);
      await healing.settle();
      await joined;
      assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 50', 'list b_1', 'confirm r1']);
      healing.log.length = 0;
      await healing.hear(UNKNOWN);
      await healing.advance(5);
      const newer = healing.heal.all(healing.world.clock.monotonic());
      await healing.settle();
      await newer;
      assert.deepEqual(healing.log, ['tell 100', 'tell 100', 'tell 100', 'tell 50', 'list b_1', 'confirm r1']);
    });

    it('goes on asking while the registry is away; rejects when the worker stops', async () => {
      const healing = new Healing();
      await healing.admit(1);
      healing.away = new CulvertError('registry_unavailable');
      const check = healing.heal.all(0);
      for (let i = 0; i < 10; i += 1) await healing.advance(1_000);
      healing.heal.close();
      await assert.rejects(check, { code: 'shutting_down' });
      await assert.rejects(healing.heal.all(0), { code: 'shutting_down' });
      await healing.settle();
      assert.deepEqual([healing.log, healing.world.clock.next], [[], undefined]);
    });
  });
});
