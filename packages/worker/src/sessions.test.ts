import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { FrameType } from '@culvert/mux';
import type { SettingsSnapshot } from '@culvert/registry';
import { applySettings } from './apply-settings.ts';
import { FrameEdge, LinkStandIn, sideOf, ticketOf, World } from './testing/world.ts';

const BY_OPERATOR = { code: 'session_closed', message: '', by: 'operator', final: true } as const;

let world: World;
before(async () => {
  world = await World.start();
});
after(() => world[Symbol.asyncDispose]());

/** Resolves once the registry has let go of the session: releases are not waited for. */
async function released(sessionId: string): Promise<void> {
  while ((await world.registry.getSession(sessionId)) !== undefined) await new Promise(setImmediate);
}

describe('admitting an agent', () => {
  it('claims the session: idle here, and found in the registry', async () => {
    const sessions = world.sessions();
    const ticket = ticketOf({ name: 'office', labels: { site: 'Berlin' } });
    const { actor, link } = await world.admit(sessions, ticket);
    assert.ok(actor && actor.epoch !== null && actor.epoch > 0);
    assert.equal(actor.state.phase, 'idle');
    assert.equal(sessions.get(ticket.sessionId), actor);
    const route = await world.registry.route(ticket.sessionId);
    assert.partialDeepStrictEqual(route, { epoch: actor.epoch, node: world.node, state: 'idle' });
    link.leaves();
    await released(ticket.sessionId);
    assert.deepEqual([sessions.size, actor.state.phase], [0, 'closed']);
  });

  it('on a cordoned worker: the canary tenant only', async () => {
    await world.registry.setCordoned(world.node.id, true);
    const sessions = world.sessions({ pool: 'dedicated' });
    const canary = await world.admit(sessions, ticketOf({ tenantId: 'culvert-canary' }));
    const other = await world.admit(world.sessions());
    await world.registry.setCordoned(world.node.id, false);
    assert.equal(canary.actor?.state.phase, 'idle');
    assert.partialDeepStrictEqual(other.link.end, { code: 'draining', final: false });
  });

  it('a worker that takes nothing new begins no claim, and says why', async () => {
    let claims = 0;
    const sessions = world.sessions({
      registry: {
        claim: (request) => {
          claims += 1;
          return world.registry.claim(request);
        },
        release: (request) => world.registry.release(request),
      },
      refusing: () => new CulvertError('registry_unavailable', 'suspect'),
    });
    const { actor, link } = await world.admit(sessions);
    assert.deepEqual([actor, claims, link.end?.code, link.end?.final], [undefined, 0, 'registry_unavailable', false]);
  });

  it('its link is lost: the session waits for its agent, found as offline, until the resume window is over', async () => {
    const sessions = world.sessions({ resumeWindowMs: 50 });
    const ticket = ticketOf();
    const { actor, link } = await world.admit(sessions, ticket);
    const edge = new FrameEdge(sessions);
    assert.ok(edge.open(ticket.sessionId));
    link.lost();
    await link.closed;
    assert.deepEqual(edge.frames.at(-1), FrameType.DETACH, 'its connections wait with it');
    assert.deepEqual([sessions.size, actor?.state.phase, actor?.connections], [0, 'away', 1]);
    assert.equal(world.changed.at(-1), actor, 'the registry hears that it is offline');
    assert.equal(edge.open(ticket.sessionId), undefined);
    assert.equal(edge.answers.at(-1), 'session_offline');
    await released(ticket.sessionId);
    assert.equal(actor?.state.phase, 'closed');
  });

  for (const [agentId, final] of [
    ['a_1', false],
    ['a_2', true],
  ] as const) {
    it(`${final ? 'another agent' : 'the same agent, come back'}: takes the place of the older link, ${final ? 'for good' : 'which may come again'}`, async () => {
      const sessions = world.sessions();
      const ticket = ticketOf();
      const older = await world.admit(sessions, ticket);
      const edge = new FrameEdge(sessions);
      assert.ok(edge.open(ticket.sessionId));
      const newer = await world.admit(sessions, { ...ticket, agentId });
      assert.partialDeepStrictEqual(older.link.end, { code: 'superseded', final });
      assert.equal(older.side.connections, 0);
      const told = final ? FrameType.RESET : FrameType.DETACH;
      assert.deepEqual(edge.frames, [told], 'its connections end with another agent, and go on with the same');
      assert.ok(newer.actor && (newer.actor.epoch ?? 0) > (older.actor?.epoch ?? 0));
      assert.equal(sessions.get(ticket.sessionId), newer.actor);
      assert.equal(newer.link.ends.length, 0);
      const view = await world.registry.getSession(ticket.sessionId);
      assert.equal(view?.epoch, newer.actor.epoch, "the older one's end did not release what is the newer one's");
    });
  }

  it('refused by the registry: the link ends, not for good, and nothing is kept', async () => {
    const full = { id: 'w_full', boot: 'b_full' };
    await world.beat(full, 0);
    const nobody = { id: 'w_nobody', boot: 'b' };
    for (const [node, code] of [
      [full, 'draining'],
      [nobody, 'draining'],
    ] as const) {
      const sessions = world.sessions({ node: () => node });
      const { actor, link } = await world.admit(sessions);
      assert.equal(actor, undefined);
      assert.partialDeepStrictEqual(link.end, { code, final: false });
      assert.equal(sessions.size, 0);
    }
  });

  it('the registry is away: the agent is told so', async () => {
    const away = await World.start();
    let unsettled = 0;
    const twice = Promise.withResolvers<void>();
    const sessions = away.sessions({
      unsettled: () => {
        unsettled += 1;
        if (unsettled === 2) twice.resolve();
      },
    });
    const { actor: before } = await away.admit(sessions);
    await away.redis.stop();
    const { actor, link } = await away.admit(sessions);
    assert.equal(actor, undefined);
    assert.partialDeepStrictEqual(link.end, { code: 'registry_unavailable', final: false });
    assert.equal(unsettled, 1, 'the claim may have been carried out');
    before?.close({ code: 'session_closed', message: 'by its operator', by: 'operator', final: true });
    await twice.promise; // the release may not have been
    await away[Symbol.asyncDispose]();
  });

  it('the link is lost while the claim is under way: the claim is given back', async () => {
    const sessions = world.sessions();
    const ticket = ticketOf();
    const link = new LinkStandIn();
    const admitted = sessions.admit(ticket, link.asLink(), sideOf(sessions));
    link.lost();
    assert.equal(await admitted, undefined);
    assert.equal(sessions.size, 0);
    assert.equal(await world.registry.getSession(ticket.sessionId), undefined);
  });

  it('… and an older link that still lives is told to the registry again', async () => {
    const sessions = world.sessions();
    const ticket = ticketOf();
    const older = await world.admit(sessions, ticket);
    const link = new LinkStandIn();
    const admitted = sessions.admit(ticket, link.asLink(), sideOf(sessions));
    link.lost();
    await admitted;
    assert.equal(sessions.get(ticket.sessionId), older.actor);
    assert.equal(older.link.ends.length, 0);
    assert.equal(world.changed.at(-1), older.actor, 'the reporter finds it absent and reasserts it');
  });

  it('two claims at once whose answers come in the wrong order: the higher epoch stays', async () => {
    const gate = Promise.withResolvers<void>();
    let claims = 0;
    const sessions = world.sessions({
      registry: {
        claim: async (claim) => {
          claims += 1;
          const late = claims === 1;
          const reply = await world.registry.claim(claim);
          if (late) await gate.promise;
          return reply;
        },
        release: (release) => world.registry.release(release),
      },
    });
    const ticket = ticketOf();
    const first = new LinkStandIn();
    const loser = sessions.admit(ticket, first.asLink(), sideOf(sessions));
    const winner = await world.admit(sessions, { ...ticket, agentId: 'a_2' });
    gate.resolve();
    assert.equal(await loser, undefined);
    assert.equal(sessions.get(ticket.sessionId), winner.actor);
    assert.equal(winner.link.ends.length, 0);
    assert.partialDeepStrictEqual(first.end, { code: 'superseded', final: true });
    assert.equal((await world.registry.getSession(ticket.sessionId))?.epoch, winner.actor?.epoch);
  });
});

describe('a session', () => {
  it('is busy while connections are open, and counts their bytes when they are gone', async () => {
    const sessions = world.sessions();
    const { actor } = await world.admit(sessions);
    assert.ok(actor);
    const before = world.changed.length;
    const edge = new FrameEdge(sessions);
    const ends = [edge.open(actor.id), edge.open(actor.id)];
    assert.deepEqual([actor.state.phase, actor.connections, sessions.connections], ['busy', 2, 2]);
    const [circuit] = actor.side.circuits();
    assert.ok(circuit);
    circuit.bytesIn = 7;
    circuit.bytesOut = 11;
    ends[0]?.();
    assert.deepEqual([actor.state.phase, actor.connections], ['busy', 1]);
    ends[1]?.();
    assert.deepEqual([actor.state.phase, actor.bytesIn, actor.bytesOut], ['idle', 7, 11]);
    assert.equal(world.changed.length - before, 4);
    actor.close(BY_OPERATOR);
  });

  it('takes no more connections than its ticket says', async () => {
    const sessions = world.sessions();
    const { actor } = await world.admit(sessions, ticketOf({ connectionLimit: 2 }));
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    const ends = [edge.open(actor.id), edge.open(actor.id), edge.open(actor.id)];
    assert.equal(ends[2], undefined);
    assert.deepEqual(edge.answers, ['limit_exceeded']);
    ends[0]?.();
    assert.ok(edge.open(actor.id));
    actor.close(BY_OPERATOR);
  });

  it('closes if idle, or not at all: no connection slips in between', async () => {
    const sessions = world.sessions();
    const { actor, link } = await world.admit(sessions);
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    const end = edge.open(actor.id);
    assert.equal(actor.closeIfIdle(BY_OPERATOR), false);
    assert.deepEqual([actor.state.phase, link.ends.length], ['busy', 0]);
    end?.();
    assert.equal(actor.closeIfIdle(BY_OPERATOR), true);
    // The same turn: an OPEN that was behind it in the link's buffer.
    assert.equal(edge.open(actor.id), undefined);
    assert.deepEqual(edge.answers, ['wrong_owner']);
    assert.partialDeepStrictEqual(link.end, { code: 'session_closed', final: true });
    assert.throws(() => actor.admitConnection(false), { code: 'session_offline' });
    await released(actor.id);
  });

  it('closed by force: its connections are reset, once', async () => {
    const sessions = world.sessions();
    const { actor, link } = await world.admit(sessions);
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    edge.open(actor.id);
    edge.open(actor.id);
    actor.close(BY_OPERATOR);
    actor.close({ ...BY_OPERATOR, code: 'internal' });
    assert.deepEqual(edge.answers, ['session_closed', 'session_closed']);
    assert.deepEqual([actor.connections, sessions.size, link.ends.length], [0, 0, 1]);
    await released(actor.id);
  });

  it('is fenced by a higher epoch and by no other', async () => {
    const sessions = world.sessions();
    const ticket = ticketOf();
    const { actor, link } = await world.admit(sessions, ticket);
    const epoch = actor?.epoch ?? assert.fail();
    for (const other of [epoch, epoch - 1]) sessions.fence(ticket.sessionId, other, 'a_2');
    sessions.fence('s_unknown', epoch + 1, 'a_2');
    assert.equal(sessions.size, 1);
    const newer = await world.takeElsewhere(ticket);
    sessions.fence(ticket.sessionId, newer, 'a_2');
    assert.partialDeepStrictEqual(
      link.end,
      { code: 'superseded', final: false },
      'the API knows whether that claim stands',
    );
    assert.equal((await world.registry.getSession(ticket.sessionId))?.epoch, newer, 'it was not released');
  });

  for (const agentId of ['a_1', null]) {
    it(`fenced by ${agentId === null ? 'nobody knows whose claim' : 'the same agent elsewhere'}: serves what is left until it has left`, async () => {
      const sessions = world.sessions();
      const ticket = ticketOf();
      const { actor, link } = await world.admit(sessions, ticket);
      const edge = new FrameEdge(sessions);
      const end = edge.open(ticket.sessionId);
      sessions.fence(ticket.sessionId, await world.takeElsewhere(ticket), agentId);
      assert.deepEqual([actor?.state.phase, link.ends.length, actor?.connections], ['handed_off', 0, 1]);
      assert.equal(edge.open(ticket.sessionId), undefined, 'nothing new is let in');
      assert.equal(edge.answers.at(-1), 'wrong_owner');
      end?.();
      link.leaves();
      await link.closed;
      assert.deepEqual([actor?.state.phase, sessions.size], ['closed', 0]);
      assert.notEqual(await world.registry.getSession(ticket.sessionId), undefined, 'it was not released');
    });
  }

  it('asked to move: serves everything meanwhile, and may stay after all', async () => {
    const sessions = world.sessions();
    const { actor, link } = await world.admit(sessions);
    assert.ok(actor);
    const edge = new FrameEdge(sessions);
    actor.move('draining', 'please', { target: 'w9', delayMs: 5 });
    assert.deepEqual([actor.state.phase, link.asked], ['moving', ['draining w9']]);
    assert.ok(edge.open(actor.id), 'its agent knows no other place yet');
    actor.stay();
    assert.equal(actor.state.phase, 'busy');
    actor.close(BY_OPERATOR);
    await released(actor.id);
  });
});

describe('a worker that goes', () => {
  it('lets go of its sessions without releasing them: their agents find them again elsewhere', async () => {
    const sessions = world.sessions();
    const { actor, link } = await world.admit(sessions);
    sessions.abandonAll();
    assert.partialDeepStrictEqual(link.end, { code: 'shutting_down', final: false });
    assert.equal(sessions.size, 0);
    assert.ok(actor);
    assert.notEqual(await world.registry.getSession(actor.id), undefined);
  });
});

describe('revocation', () => {
  const key = (id: string, over: object = {}) => ({
    ...{ id, tenant: 'acme', role: 'agent', hash: '', createdAt: 0, expiresAt: null, revokedAt: null, label: '' },
    ...over,
  });

  it('ends the sessions of revoked and deleted keys and of tenants that are gone, and no others', async () => {
    const sessions = world.sessions();
    const tickets = {
      good: ticketOf(),
      expired: ticketOf({ keyId: 'k_expired' }),
      root: ticketOf({ keyId: 'k_root' }),
      revoked: ticketOf({ keyId: 'k_revoked' }),
      deleted: ticketOf({ keyId: 'k_deleted' }),
      homeless: ticketOf({ tenantId: 'gone' }),
    };
    const links = new Map<string, LinkStandIn>();
    for (const [name, ticket] of Object.entries(tickets)) {
      links.set(name, (await world.admit(sessions, ticket)).link);
    }
    const settings: SettingsSnapshot = {
      revision: 1,
      tenants: [
        {
          id: 'acme',
          name: '',
          createdAt: 0,
          pool: null,
          spill: [],
          limits: { sessions: 9, connectionsPerSession: 9 },
        },
      ],
      // Only the fields that matter here differ.
      keys: [
        key('k_1'),
        key('k_expired', { expiresAt: 1 }),
        key('k_revoked', { revokedAt: 1 }),
      ] as SettingsSnapshot['keys'],
    };
    applySettings(sessions, settings, 'default', 'k_root');
    const ended = [...links].filter(([, link]) => link.end !== undefined).map(([name]) => name);
    assert.deepEqual(ended, ['revoked', 'deleted', 'homeless']);
    for (const name of ended) assert.partialDeepStrictEqual(links.get(name)?.end, { code: 'key_revoked', final: true });
    assert.equal(sessions.size, 3);
  });

  it('asks the sessions of a tenant that is pinned elsewhere to move there, and serves them until they have', async () => {
    const sessions = world.sessions();
    const idle = await world.admit(sessions, ticketOf());
    const ticket = ticketOf();
    const busy = await world.admit(sessions, ticket);
    const edge = new FrameEdge(sessions);
    assert.ok(edge.open(ticket.sessionId));
    const limits = { sessions: 9, connectionsPerSession: 9 };
    const settings: SettingsSnapshot = {
      revision: 1,
      tenants: [{ id: 'acme', name: '', createdAt: 0, pool: 'dedicated', spill: [], limits }],
      keys: [key('k_1')] as SettingsSnapshot['keys'],
    };
    applySettings(sessions, settings, 'dedicated', 'k_root');
    assert.deepEqual([idle.link.asked, busy.link.asked], [[], []], 'this is the pool');
    applySettings(sessions, settings, 'default', 'k_root');
    assert.deepEqual([idle.link.asked, busy.link.asked], [['draining'], ['draining']]);
    assert.deepEqual([idle.link.end, busy.link.end, busy.actor?.connections], [undefined, undefined, 1]);
    assert.ok(edge.open(ticket.sessionId), 'new connections, too');
  });
});
