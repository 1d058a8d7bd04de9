import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { CulvertError, randomId, silentLogger } from '@culvert/base';
import { dialLink, type Link } from '@culvert/link';
import { StreamStore } from '@culvert/mux';
import { freshRequest, until } from '@culvert/mux/testing';
import type { SettingsSnapshot } from '@culvert/registry';
import { type AgentTicket, ClusterSecret, signTicket } from '@culvert/service';
import { serveAgent } from './agent-links.ts';
import { applySettings } from './apply-settings.ts';
import { LinkServer } from './link-server.ts';
import { StillWorld } from './testing/still-world.ts';
import { LinkStandIn, ticketOf } from './testing/world.ts';

const SECRET = ClusterSecret.parse('0123456789abcdef0123456789abcdef');

describe('a link on standby', { timeout: 10_000 }, () => {
  let world: StillWorld;
  let server: LinkServer;
  let url: string;
  beforeEach(async () => {
    world = new StillWorld();
    server = new LinkServer({
      ...{ nodeId: 'w_1', boot: () => 'b_1', software: 'culvert/test', secret: SECRET },
      ...{ sessions: world.sessions, logger: silentLogger, refusing: () => undefined },
      admission: { admit: () => undefined },
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    url = `ws://127.0.0.1:${port}/link`;
  });
  afterEach(() => server.close());
  after(() => assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length, 0));

  const standbyTicket = (over: Partial<AgentTicket> = {}) =>
    ticketOf({ node: 'w_1', standby: true, expiresAt: Date.now() + 10_000, ...over });

  function dial(ticket: AgentTicket): Promise<Link> {
    return dialLink({
      ...{ url, token: signTicket(SECRET, ticket), role: 'agent', id: randomId('a'), software: 'test/1' },
      ...{ deadlineMs: 5_000, logger: silentLogger, accept: (pending) => void pending.accept() },
      store: new StreamStore({ nowMs: () => performance.now() }),
    });
  }

  it('is let in, and claims nothing', async () => {
    const ticket = standbyTicket();
    const link = await dial(ticket);
    assert.partialDeepStrictEqual(link.welcome, { epoch: 0, sessionId: ticket.sessionId, nodeId: 'w_1' });
    assert.deepEqual([world.sessions.size, world.sessions.standbys.size], [0, 1]);
    link.close();
    await link.closed;
    await until('it is forgotten', () => world.sessions.standbys.size === 0);
    assert.deepEqual(world.released, []);
  });

  it('takes its session over on CLAIM, above the highest epoch that the agent has seen, and serves it', async () => {
    const ticket = standbyTicket();
    const link = await dial(ticket);
    const epoch = await link.claim(4_711);
    assert.equal(epoch, 4_712);
    assert.deepEqual([world.sessions.size, world.sessions.standbys.size], [1, 0]);
    const actor = world.sessions.get(ticket.sessionId);
    assert.deepEqual([actor?.epoch, actor?.state.phase], [epoch, 'idle']);
    const edge = await dialEdge(ticket.sessionId);
    await edge.open(freshRequest({ sessionId: ticket.sessionId }), { deadlineMs: 5_000 });
    assert.equal(actor?.state.phase, 'busy');
  });

  it('that cannot be claimed ends, and not for good', async () => {
    const link = await dial(standbyTicket());
    world.away = new CulvertError('registry_unavailable');
    await assert.rejects(link.claim(1), { code: 'registry_unavailable', final: false });
    assert.deepEqual([world.sessions.size, world.sessions.standbys.size], [0, 0]);
  });

  it('is claimed once: a second CLAIM ends it', async () => {
    const link = new LinkStandIn();
    const options = { sessions: world.sessions, boot: () => 'b_1', logger: silentLogger };
    const { claim } = serveAgent(link.asLink(), standbyTicket(), options);
    claim?.(1);
    claim?.(1);
    await link.closed;
    assert.partialDeepStrictEqual(link.end, { code: 'protocol_error', message: 'L7: a second CLAIM' });
  });

  it('asked for twice by its agent, is claimed once', async () => {
    const link = await dial(standbyTicket());
    const epochs = await Promise.all([link.claim(1), link.claim(1)]);
    assert.deepEqual(epochs, [2, 2]);
    assert.equal(world.sessions.size, 1);
  });

  it('CLAIM on a link that is the session’s already ends it', async () => {
    const link = await dial(standbyTicket({ standby: false }));
    await assert.rejects(link.claim(1), { code: 'protocol_error', message: /^L7: CLAIM/ });
  });

  it('ends with its key, for good, and stays otherwise', async () => {
    const [revoked, good] = [await dial(standbyTicket({ keyId: 'k_bad' })), await dial(standbyTicket())];
    const limits = { sessions: 9, connectionsPerSession: 9 };
    const settings = {
      revision: 1,
      tenants: [{ id: 'acme', name: '', createdAt: 0, pool: null, spill: [], limits }],
      keys: [{ id: 'k_1', revokedAt: null }],
    } as unknown as SettingsSnapshot; // Only the fields that matter here.
    applySettings(world.sessions, settings, 'default', 'k_root');
    assert.partialDeepStrictEqual(await revoked.closed, { code: 'key_revoked', final: true });
    assert.equal(world.sessions.standbys.size, 1);
    good.close();
  });

  function dialEdge(sessionId: string): Promise<Link> {
    const ticket = { kind: 'edge', sessionId, tenantId: 'acme', node: 'w_1', expiresAt: Date.now() + 10_000 } as const;
    return dialLink({
      ...{ url, token: signTicket(SECRET, ticket), role: 'edge', id: 'g_1', software: 'test/1' },
      ...{ deadlineMs: 5_000, logger: silentLogger },
    });
  }
});
