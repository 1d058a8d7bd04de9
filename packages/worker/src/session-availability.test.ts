import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import { encodeWindow, Frame, FrameType } from '@culvert/mux';
import { noCounts, SliRecorder } from '@culvert/telemetry';
import { AbandonedConnections } from './abandoned-connections.ts';
import { SessionAvailability } from './session-availability.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, ticketOf } from './testing/world.ts';

const WINDOW_MS = 60_000;
const turn = () => new Promise(setImmediate);

class Counted {
  readonly world = new StillWorld({ resumeWindowMs: WINDOW_MS });
  readonly recorder = new SliRecorder(this.world.clock);

  get counts() {
    return this.recorder.of('real', 'acme').total();
  }
}

describe('session availability', () => {
  const watched = () => {
    const counted = new Counted();
    const availability = new SessionAvailability(counted.recorder);
    counted.world.sessions.watch(availability);
    return { ...counted, counted, availability };
  };

  it('is the time for which sessions are served, and for which they wait for their agents', async () => {
    const { counted, world } = watched();
    const { link } = await world.admit();
    await world.admit();
    world.clock.advance(1_000);
    assert.partialDeepStrictEqual(counted.counts, { servedMs: 2_000, unservedMs: 0 });
    link.lost();
    await turn();
    world.clock.advance(3_000);
    assert.partialDeepStrictEqual(counted.counts, { servedMs: 5_000, unservedMs: 3_000 });
    world.clock.advance(WINDOW_MS);
    assert.equal(counted.counts.unservedMs, WINDOW_MS, 'no longer than the agent may come back');
    world.clock.advance(WINDOW_MS);
    assert.equal(counted.counts.unservedMs, WINDOW_MS);
  });

  it('goes on when the agent comes back over another link, and ends when it leaves', async () => {
    const { counted, world } = watched();
    const ticket = ticketOf();
    const { link } = await world.admit(ticket);
    link.lost();
    await turn();
    world.clock.advance(500);
    const { link: newer } = await world.admit(ticket);
    world.clock.advance(1_000);
    assert.partialDeepStrictEqual(counted.counts, { servedMs: 1_000, unservedMs: 500 });
    newer.leaves();
    await turn();
    world.clock.advance(1_000);
    assert.partialDeepStrictEqual(counted.counts, { servedMs: 1_000, unservedMs: 500 });
  });

  it('counts the time for which a session had no worker, up to a bound', async () => {
    const { counted, world, availability } = watched();
    const { actor } = await world.admit();
    const previous = { node: 'w_9', boot: 'b_9', epoch: 1 };
    availability.entered(actor, { previous });
    assert.equal(counted.counts.unservedMs, 0);
    availability.entered(actor, { previous: { ...previous, vacantMs: 4_000 } });
    availability.entered(actor, { previous: { ...previous, vacantMs: 600_001 } });
    world.clock.advance(100);
    assert.partialDeepStrictEqual(counted.counts, { servedMs: 100, unservedMs: 4_000 });
  });

  it('is not of the canary tenant', async () => {
    const { world, recorder } = watched();
    const { link } = await world.admit(ticketOf({ tenantId: 'culvert-canary' }));
    world.clock.advance(1_000);
    link.lost();
    await turn();
    world.clock.advance(1_000);
    assert.deepEqual(recorder.total('real'), noCounts());
  });
});

describe('connections that a gateway took with it', () => {
  const gateway = { id: 'g_1', boot: 'b_1' };

  /** An open connection of that gateway, which then says nothing for longer than the resume window. */
  async function abandoned(
    found: { boot: string; state: 'ready' | 'dead' } | undefined | CulvertError,
    { tenantId = 'acme', peer = true, connections = 1 } = {},
  ) {
    const counted = new Counted();
    const { world, recorder } = counted;
    let looks = 0;
    const told: string[] = [];
    const meter = (tenant: string, outcome: string): number => told.push(`${tenant} ${outcome}`);
    const getNode = async () => {
      looks += 1;
      if (found instanceof CulvertError) throw found;
      return found;
    };
    const now = (): number => world.clock.now();
    world.sessions.watch(new AbandonedConnections({ recorder, counted: meter, getNode, now, logger: silentLogger }));
    const { actor } = await world.admit(ticketOf({ tenantId }));
    const edge = new FrameEdge(world.sessions, peer ? gateway : undefined);
    for (let i = 0; i < connections; i += 1) {
      edge.open(actor.id);
      const { agentStream } = actor.side.circuits().at(-1) ?? {};
      actor.side.receive(new Frame(FrameType.OPENED, agentStream ?? 0, 0, encodeWindow(1_000)));
    }
    edge.lost();
    world.clock.advance(WINDOW_MS + 1);
    await turn();
    return { counts: counted.counts, looks, told };
  }

  it('are lost, and over', async () => {
    for (const found of [undefined, { boot: 'b_1', state: 'dead' }, { boot: 'b_2', state: 'ready' }] as const) {
      const { counts, told } = await abandoned(found);
      assert.partialDeepStrictEqual(counts, { lost: 1, closed: 1 });
      assert.deepEqual(told, ['acme lost'], 'alerts go by the same');
    }
  });

  it('are asked about once, however many they are', async () => {
    const { counts, looks } = await abandoned(undefined, { connections: 5 });
    assert.partialDeepStrictEqual(counts, { lost: 5, closed: 5 });
    assert.equal(looks, 1);
  });

  it('are not counted here when the gateway lives, when that cannot be known, and when it was none', async () => {
    assert.equal((await abandoned({ boot: 'b_1', state: 'ready' })).counts.lost, 0);
    assert.equal((await abandoned(new CulvertError('registry_unavailable'))).counts.lost, 0);
    assert.equal((await abandoned(undefined, { peer: false })).counts.lost, 0);
    assert.equal((await abandoned(undefined, { tenantId: 'culvert-canary' })).counts.lost, 0);
  });
});
