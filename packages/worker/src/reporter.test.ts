import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { until } from '@culvert/mux/testing';
import { Reporter, type ReporterOptions } from './reporter.ts';
import type { Sessions } from './sessions.ts';
import { FrameEdge, ticketOf, World } from './testing/world.ts';

describe('reporter', { timeout: 15_000 }, () => {
  let world: World;
  before(async () => {
    world = await World.start();
  });
  after(() => world[Symbol.asyncDispose]());

  /** Sessions whose changes are reported, until `close`. */
  function reporting(
    t: TestContext,
    over: Partial<ReporterOptions['registry']> = {},
    { refreshMs = 60_000, looked = () => undefined }: { refreshMs?: number; looked?: () => void } = {},
  ): { sessions: Sessions; reporter: Reporter } {
    const sessions: Sessions = world.sessions({ changed: (actor) => reporter.changed(actor) });
    const reporter = new Reporter({
      registry: {
        updateSessions: (node, updates) => world.registry.updateSessions(node, updates),
        reassert: (node, all) => world.registry.reassert(node, all),
        release: (release) => world.registry.release(release),
        ...over,
      },
      sessions: () => {
        looked();
        return sessions;
      },
      node: () => world.node,
      pool: 'default',
      logger: silentLogger,
      refreshMs,
    });
    reporter.start();
    t.after(() => reporter.close());
    return { sessions, reporter };
  }

  /** Resolves once the registry shows the session like this. */
  async function shown(
    sessionId: string,
    expected: { connections: number; state: string; bytesIn?: number },
  ): Promise<void> {
    for (;;) {
      // Right after a loss nothing is called absent, and asking is an error: look again.
      const view = await world.registry.getSession(sessionId).catch(() => undefined);
      const asExpected = view?.connections === expected.connections && view.state === expected.state;
      if (asExpected && (expected.bytesIn ?? view.bytesIn) === view.bytesIn) return;
      await new Promise(setImmediate);
    }
  }

  it('changes are collected into one report of absolute numbers', async (t) => {
    let reports = 0;
    const { sessions } = reporting(t, {
      updateSessions: (node, updates) => {
        reports += 1;
        return world.registry.updateSessions(node, updates);
      },
    });
    const { actor } = await world.admit(sessions);
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    const ends = [edge.open(actor.id), edge.open(actor.id), edge.open(actor.id)];
    ends[0]?.();
    await shown(actor.id, { connections: 2, state: 'busy' });
    assert.equal(reports, 1);
    ends[1]?.();
    ends[2]?.();
    await shown(actor.id, { connections: 0, state: 'idle' });
    assert.equal(reports, 2);
  });

  it('bytes that flow through a connection are told although nothing else changes, and only while they flow', async (t) => {
    let reports = 0;
    const counting: ReporterOptions['registry']['updateSessions'] = (node, updates) => {
      reports += 1;
      return world.registry.updateSessions(node, updates);
    };
    let looks = 0;
    const looked = (): void => {
      looks += 1;
    };
    const { sessions } = reporting(t, { updateSessions: counting }, { refreshMs: 20, looked });
    const { actor } = await world.admit(sessions);
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    edge.open(actor.id);
    await shown(actor.id, { connections: 1, state: 'busy' });
    const before = reports;
    edge.data(Buffer.from('hello'));
    await shown(actor.id, { connections: 1, state: 'busy', bytesIn: 5 });
    // What the first of them found would have been reported by the last.
    const enough = looks + 25;
    await until('25 more looks', () => looks >= enough);
    assert.equal(reports, before + 1);
  });

  it('fenced: somebody else has the session, so it is handed off, and ends here when its agent has left', async (t) => {
    const { sessions, reporter } = reporting(t);
    const ticket = ticketOf();
    const { link, actor } = await world.admit(sessions, ticket);
    assert.ok(actor);
    const newer = await world.takeElsewhere(ticket);
    reporter.changed(actor);
    await until('it is handed off', () => actor.state.phase !== 'idle');
    assert.deepEqual([actor.state.phase, link.ends.length], ['handed_off', 0]);
    link.leaves();
    await link.closed;
    assert.deepEqual([actor.state.phase, sessions.size], ['closed', 0]);
    assert.equal((await world.registry.getSession(actor.id))?.epoch, newer, 'it was not released');
  });

  it('absent: the registry has lost it, so it is told again, with everything', async (t) => {
    const { sessions } = reporting(t);
    const { actor } = await world.admit(sessions, ticketOf({ name: 'office', labels: { a: 'b' } }));
    assert.ok(actor);
    await world.flushRedis();
    await world.beat();
    new FrameEdge(sessions).open(actor.id);
    await shown(actor.id, { connections: 1, state: 'busy' });
    const view = await world.registry.getSession(actor.id);
    assert.partialDeepStrictEqual(view, { epoch: actor.epoch, name: 'office', labels: { a: 'b' }, tenant: 'acme' });
  });

  it('Redis is away for a moment: what changed meanwhile is reported when it is back', async (t) => {
    let failures = 2;
    const { sessions } = reporting(t, {
      updateSessions: (node, updates) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new CulvertError('registry_unavailable'));
        return world.registry.updateSessions(node, updates);
      },
    });
    const { actor } = await world.admit(sessions);
    assert.ok(actor);
    new FrameEdge(sessions).open(actor.id);
    // Nothing changes any more: only a retry can bring it.
    await shown(actor.id, { connections: 1, state: 'busy' });
    assert.ok(failures < 0);
  });

  it('a session that is absent is told again until the registry takes it', async (t) => {
    let failures = 2;
    const { sessions, reporter } = reporting(t, {
      reassert: (node, all) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new CulvertError('registry_unavailable'));
        return world.registry.reassert(node, all);
      },
    });
    const actors = [];
    for (let i = 0; i < 3; i += 1) actors.push((await world.admit(sessions)).actor ?? assert.fail());
    await world.flushRedis();
    await world.beat();
    for (const actor of actors) reporter.changed(actor);
    for (const actor of actors) await shown(actor.id, { connections: 0, state: 'idle' });
    assert.ok(failures < 0);
  });

  it('a session that ends while it is being told again does not stay in the directory', async (t) => {
    const outcomesOfRelease: string[] = [];
    const { sessions, reporter } = reporting(t, {
      release: async (release) => {
        const outcome = await world.registry.release(release);
        outcomesOfRelease.push(`${release.sessionId} ${outcome}`);
        return outcome;
      },
      reassert: async (node, all) => {
        const outcomes = await world.registry.reassert(node, all);
        actor.close({ code: 'superseded', message: '', by: 'registry', final: false });
        return outcomes;
      },
    });
    const { actor = assert.fail() } = await world.admit(sessions);
    await world.flushRedis();
    await world.beat();
    await reporter.reassert([actor]);
    assert.deepEqual(outcomesOfRelease, [`${actor.id} released`]);
  });

  it('closes at any moment', async (t) => {
    await reporting(t).reporter.close();
    const busy = reporting(t);
    const { actor } = await world.admit(busy.sessions);
    busy.reporter.changed(actor ?? assert.fail());
    await busy.reporter.close();
  });
});
