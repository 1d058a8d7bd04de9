import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DrainedSession } from '@culvert/contracts';
import { Frame, FrameType } from '@culvert/mux';
import type { SessionActor } from './session-actor.ts';
import { Draining } from './testing/draining.ts';
import { ticketOf } from './testing/world.ts';

const BY = { deployment: 'd_1', fence: 1 };
const OURS = 'a_1';

/** In short: outcome, where to, connections moved, finished and lost. */
function fateOf({ outcome, to, connectionsMoved, connectionsFinished, connectionsLost }: DrainedSession): string {
  return `${outcome} ${to} ${connectionsMoved}/${connectionsFinished}/${connectionsLost}`;
}

const fates = (draining: Draining): string[] => draining.drain.report().sessions.map(fateOf);

/** The agent goes on elsewhere with its connections. */
function detach(actor: SessionActor): void {
  for (const { agentStream } of actor.side.circuits()) actor.side.receive(new Frame(FrameType.DETACH, agentStream));
}

/** Another worker has claimed the session: the hint, as the worker hears it. */
function claimed(draining: Draining, { id }: SessionActor, node: string, agentId: string = OURS): void {
  draining.world.sessions.fence(id, 1_000, agentId);
  draining.drain.heard(id, node, agentId);
}

async function drainOf(count: number) {
  const draining = new Draining();
  const [first, ...others] = await draining.admit(count);
  assert.ok(first);
  return { draining, first, others };
}

describe('the ledger of a drain', { timeout: 5_000 }, () => {
  it('has every session that was here, and whoever came since', async () => {
    const { draining, first } = await drainOf(1);
    await draining.order({ ...BY, stage: 'announce' });
    const late = await draining.world.admit(ticketOf({ tenantId: 'beta', name: 'office' }));
    await draining.advance(5_000);
    const { sessions } = draining.drain.report();
    assert.deepEqual(
      sessions.map(({ id, tenant, name, outcome, to }) => [id, tenant, name, outcome, to]),
      [
        [first.actor.id, 'acme', null, null, null],
        [late.actor.id, 'beta', 'office', null, null],
      ],
    );
  });

  it('a session that moves: the hint comes before its connections have left, or after its link has', async () => {
    const { draining, first, others } = await drainOf(2);
    const [second] = others;
    assert.ok(second);
    for (const { actor } of [first, second]) draining.connect(actor);
    await draining.order(BY);
    claimed(draining, first.actor, 'w_2');
    detach(first.actor);
    first.link.leaves();
    await first.link.closed;
    detach(second.actor);
    second.link.leaves();
    await second.link.closed;
    assert.deepEqual(
      fates(draining),
      ['moved w_2 1/0/0', 'ended null 1/0/0'],
      'an agent that leaves may only have gone',
    );
    claimed(draining, second.actor, 'w_3');
    assert.deepEqual(fates(draining), ['moved w_2 1/0/0', 'moved w_3 1/0/0']);
    await draining.advance(120_000);
    assert.deepEqual(fates(draining), ['moved w_2 1/0/0', 'moved w_3 1/0/0'], 'and nothing is counted twice');
  });

  it('connections that are between two paths are moved with their session', async () => {
    const { draining, first } = await drainOf(1);
    draining.connect(first.actor);
    await draining.order(BY);
    for (const circuit of first.actor.side.circuits()) {
      draining.world.sessions.switch.detach(circuit, { by: 'edge', reason: 'link_lost', message: '' });
    }
    assert.deepEqual(fates(draining), ['null null 0/0/0'], 'it may yet come back');
    claimed(draining, first.actor, 'w_2');
    first.link.leaves();
    await first.link.closed;
    assert.deepEqual(fates(draining), ['moved w_2 1/0/0']);
  });

  it('one that was not open yet is no connection; one that ended by itself has finished', async () => {
    const { draining, first } = await drainOf(1);
    const end = draining.connect(first.actor);
    await draining.order(BY);
    end();
    draining.connect(first.actor);
    const circuit = first.actor.side.circuits().at(-1);
    if (circuit !== undefined) circuit.open = false;
    claimed(draining, first.actor, 'w_2');
    detach(first.actor);
    assert.deepEqual(fates(draining), ['moved w_2 0/1/0']);
  });

  it('closed idle, forced, or ended by whoever may; and where they turn up', async () => {
    const { draining, first, others } = await drainOf(4);
    const [busy, closed, revoked] = others;
    assert.ok(busy && closed && revoked);
    draining.connect(busy.actor);
    await draining.order({ ...BY, stage: 'announce' });
    first.actor.close({ code: 'superseded', message: '', by: 'registry', final: true });
    closed.actor.close({ code: 'session_closed', message: '', by: 'operator', final: true });
    await draining.order({ ...BY, policy: 'wait', stage: 'idle' });
    await draining.order({ ...BY, policy: 'wait', stage: 'force' });
    assert.deepEqual(fates(draining), [
      'ended null 0/0/0',
      'forced null 0/0/0',
      'ended null 0/0/0',
      'closed_idle null 0/0/0',
    ]);
    for (const { actor } of [busy, revoked]) claimed(draining, actor, 'w_2');
    assert.deepEqual(fates(draining)[1], 'forced w_2 1/0/0', 'its connection goes on there');
    assert.deepEqual(fates(draining)[3], 'closed_idle w_2 0/0/0');
  });

  it('an agent that is lost may turn up elsewhere; if it does not, its connections are lost', async () => {
    const { draining, first, others } = await drainOf(2);
    const [second] = others;
    assert.ok(second);
    for (const { actor } of [first, second]) draining.connect(actor);
    await draining.order(BY);
    for (const { link } of [first, second]) {
      link.lost();
      await link.closed;
    }
    assert.deepEqual(fates(draining), ['ended null 0/0/0', 'ended null 0/0/0']);
    claimed(draining, first.actor, 'w_2');
    await draining.advance(60_000);
    assert.deepEqual(fates(draining), ['moved w_2 1/0/0', 'ended null 0/0/1']);
  });

  it('another agent has taken it over: it has ended', async () => {
    const { draining, first } = await drainOf(1);
    await draining.order(BY);
    claimed(draining, first.actor, 'w_2', 'a_2');
    assert.deepEqual(fates(draining), ['ended w_2 0/0/0']);
  });

  it('an agent that comes back here over a newer link has gone nowhere', async () => {
    const { draining, first } = await drainOf(1);
    await draining.order(BY);
    await draining.world.admit(first.actor.ticket);
    draining.drain.heard(first.actor.id, 'w_1', OURS);
    assert.deepEqual(fates(draining), ['null null 0/0/0']);
  });

  it('a browser on the worker’s own address that force cuts off is lost, wherever its session is', async () => {
    const { draining, first } = await drainOf(1);
    draining.connect(first.actor);
    await draining.order(BY);
    claimed(draining, first.actor, 'w_2');
    detach(first.actor);
    draining.openDirect(first.actor.id);
    assert.deepEqual(fates(draining), ['moved w_2 1/0/0']);
    await draining.order({ ...BY, stage: 'force' });
    assert.deepEqual(fates(draining), ['moved w_2 0/0/1']);
  });

  it('the canary tenant is nobody', async () => {
    const draining = new Draining();
    await draining.world.admit(ticketOf({ tenantId: 'culvert-canary' }));
    await draining.order(BY);
    assert.deepEqual(fates(draining), []);
  });

  it('called off, it stands still; the same deployment goes on with it, another one begins anew', async () => {
    const { draining, first, others } = await drainOf(2);
    const [second] = others;
    assert.ok(second);
    await draining.order(BY);
    claimed(draining, first.actor, 'w_2');
    first.link.leaves();
    await first.link.closed;
    draining.drain.stop();
    second.link.leaves();
    await second.link.closed;
    assert.deepEqual(fates(draining), ['moved w_2 0/0/0', 'null null 0/0/0']);
    assert.partialDeepStrictEqual(draining.drain.report(), { state: 'off', deployment: 'd_1' });
    await draining.world.admit(first.actor.ticket);
    await draining.order(BY);
    assert.deepEqual(fates(draining), ['null null 0/0/0', 'null null 0/0/0'], 'the first one is back');
    draining.drain.stop();
    await draining.order({ ...BY, deployment: 'd_2' });
    assert.deepEqual(
      draining.drain.report().sessions.map(({ id }) => id),
      [first.actor.id],
    );
  });
});
