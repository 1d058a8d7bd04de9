import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { CulvertError, randomId, silentLogger } from '@culvert/base';
import { type DialLinkOptions, dialLink, type Link, LinkRefused } from '@culvert/link';
import { type PendingStream, type StreamEnd, StreamStore } from '@culvert/mux';
import { freshRequest, Recorder, until } from '@culvert/mux/testing';
import { ClusterSecret, type EdgeTicket, type NodeTicket, signTicket, type Ticket } from '@culvert/service';
import { LinkServer } from './link-server.ts';
import type { Sessions } from './sessions.ts';
import { ticketOf, World } from './testing/world.ts';

const SECRET = ClusterSecret.parse('0123456789abcdef0123456789abcdef');

describe('link server', { timeout: 10_000 }, () => {
  let world: World;
  let sessions: Sessions;
  let server: LinkServer;
  let url: string;
  let refusing: CulvertError | undefined;
  let admitted: () => void;
  before(async () => {
    world = await World.start();
  });
  after(() => world[Symbol.asyncDispose]());
  beforeEach(async () => {
    sessions = world.sessions();
    refusing = undefined;
    admitted = () => undefined;
    server = new LinkServer({
      ...{ nodeId: world.node.id, boot: () => world.node.boot, software: 'culvert/test', secret: SECRET, sessions },
      ...{ logger: silentLogger, refusing: () => refusing, admission: { admit: () => admitted() } },
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    url = `ws://127.0.0.1:${port}/link`;
  });
  afterEach(() => server.close());

  const expiry = () => ({ node: world.node.id, expiresAt: Date.now() + 10_000 });
  const nodeTicket = (): NodeTicket => ({ kind: 'node', id: 'g_1', boot: 'b', role: 'gateway', ...expiry() });
  const edgeTicket = (sessionId: string): EdgeTicket => ({ kind: 'edge', sessionId, tenantId: 'acme', ...expiry() });

  function dial(ticket: Ticket, over: Partial<DialLinkOptions> = {}): Promise<Link> {
    const role = ticket.kind === 'agent' ? 'agent' : 'edge';
    const token = signTicket(SECRET, ticket);
    const about = { id: randomId('n'), software: 'test/1', deadlineMs: 5_000, logger: silentLogger };
    return dialLink({ url, token, role, ...about, ...over });
  }

  /** An agent that accepts everything; what it was asked for. */
  async function agent(sessionId = randomId('s')) {
    const asked: PendingStream[] = [];
    const far: Recorder[] = [];
    const accept = (pending: PendingStream): void => {
      asked.push(pending);
      far.push(new Recorder(pending.accept()));
    };
    const store = new StreamStore({ nowMs: () => performance.now() });
    const link = await dial(ticketOf({ sessionId, ...expiry() }), { accept, store });
    return { link, sessionId, asked, far, store };
  }

  const open = (link: Link, sessionId: string) => link.open(freshRequest({ sessionId }), { deadlineMs: 5_000 });

  it('an agent gets its epoch; gateways and local proxies reach it, each by its own ticket', async () => {
    const { link, sessionId, far } = await agent();
    const actor = sessions.get(sessionId);
    assert.partialDeepStrictEqual(link.welcome, {
      ...{ nodeId: world.node.id, boot: world.node.boot, sessionId, epoch: actor?.epoch },
    });
    const gateway = await dial(nodeTicket());
    const proxy = await dial(edgeTicket(sessionId));
    assert.deepEqual([gateway.welcome.sessionId, gateway.welcome.epoch], ['', 0]);
    assert.equal(proxy.welcome.sessionId, sessionId);
    assert.equal(server.links, 3);
    for (const [i, edge] of [gateway, proxy].entries()) {
      const stream = await open(edge, sessionId);
      const seen = new Recorder(stream);
      stream.write(Buffer.from(`hello ${i}`));
      stream.end();
      while (far[i]?.events.length !== 1) await new Promise(setImmediate);
      assert.deepEqual([far[i]?.bytes.toString(), far[i]?.events], [`hello ${i}`, ['end']]);
      assert.deepEqual(seen.events, []);
    }
    assert.deepEqual([actor?.state.phase, actor?.connections, actor?.bytesIn], ['busy', 2, 14]);
    await assert.rejects(open(gateway, 's_elsewhere'), { code: 'wrong_owner' });
    const other = await agent();
    await assert.rejects(open(proxy, other.sessionId), { code: 'wrong_owner' });
  });

  it('the agent leaves: its connections wait for it, its session is released', async () => {
    const { link, sessionId } = await agent();
    const detached: StreamEnd[] = [];
    const gateway = await dial(nodeTicket(), { detached: (stream) => detached.push(stream) });
    const seen = new Recorder(await open(gateway, sessionId));
    link.leave();
    link.close('shutting_down', 'the agent stops');
    await until('the gateway heard of it', () => detached.length > 0);
    assert.deepEqual(seen.events, []);
    while ((await world.registry.getSession(sessionId)) !== undefined) await new Promise(setImmediate);
    assert.equal(sessions.size, 0);
  });

  it('an edge that knows of no resuming: the end of the agent’s link is the end of its connections', async () => {
    const { link, sessionId } = await agent();
    const gateway = await dial(nodeTicket());
    const seen = new Recorder(await open(gateway, sessionId));
    link.leave();
    link.close('shutting_down', 'the agent stops');
    await until('the edge heard of it', () => seen.events.length === 2);
    assert.deepEqual(seen.events, ['closed', 'reset link_lost']);
  });

  it("the edge's link is lost: the agent's ends wait for the resume window, and the session counts them", async () => {
    const { store, sessionId, far } = await agent();
    const gateway = await dial(nodeTicket(), { detached: () => undefined });
    await open(gateway, sessionId);
    gateway.leave();
    gateway.close();
    await until('the agent heard of it', () => store.detached > 0);
    assert.deepEqual(far[0]?.events, []);
    assert.deepEqual([sessions.get(sessionId)?.state.phase, sessions.connections], ['busy', 1]);
  });

  it("an edge that knows of no resuming is lost: the agent's ends are reset, the session is idle again", async () => {
    const { sessionId, far } = await agent();
    const gateway = await dial(nodeTicket());
    await open(gateway, sessionId);
    gateway.close();
    await until('the agent heard of it', () => far[0]?.events.length === 2);
    assert.deepEqual(far[0]?.events, ['closed', 'reset shutting_down']);
    assert.deepEqual([sessions.get(sessionId)?.state.phase, sessions.connections], ['idle', 0]);
  });

  it('who is not let in is told why, in an HTTP answer', async () => {
    const cases: [() => Promise<unknown>, string][] = [
      [() => dial(nodeTicket(), { token: 'forged' }), 'ticket_invalid'],
      [() => dial({ ...nodeTicket(), node: 'w_other' }), 'ticket_invalid'],
      [() => dial({ ...nodeTicket(), expiresAt: Date.now() - 1 }), 'ticket_expired'],
      [() => dial(nodeTicket(), { url: url.replace('/link', '/elsewhere') }), 'not_found'],
      [
        () => {
          refusing = new CulvertError('draining', 'the worker is stopping');
          return dial(ticketOf(expiry()));
        },
        'draining',
      ],
    ];
    for (const [attempt, code] of cases) {
      await assert.rejects(
        attempt,
        (error) => error instanceof LinkRefused && error.code === code && !error.final,
        code,
      );
    }
    assert.equal(server.links, 0);
    await dial(nodeTicket()); // edges always are let in: what is served here has to be reached
  });

  it('more agents than are let in: told when to come back, before anything is claimed; who is here may come back', async () => {
    const { sessionId, link } = await agent();
    admitted = () => {
      throw new CulvertError('overloaded', 'too many', { retryAfterSeconds: 3 });
    };
    const ticket = ticketOf(expiry());
    await assert.rejects(
      dial(ticket),
      (error) => error instanceof LinkRefused && error.code === 'overloaded' && error.retryAfterSeconds === 3,
    );
    assert.equal(await world.registry.getSession(ticket.sessionId), undefined);
    await dial(nodeTicket()); // what is served here has to be reached
    link.leave();
    await dial(ticketOf({ sessionId, ...expiry() }));
  });

  it('a ticket is good for its own kind of peer only', async () => {
    for (const [ticket, role] of [
      [nodeTicket(), 'agent'],
      [ticketOf(expiry()), 'edge'],
    ] as const) {
      await assert.rejects(dial(ticket, { role }), { code: 'protocol_error' });
    }
    assert.equal(sessions.size, 0);
  });

  it('an ordinary request is told what is here', async () => {
    const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      get(url.replace('ws:', 'http:'), async (response) => {
        resolve([response.statusCode, (await response.toArray()).join('')]);
      }).on('error', reject);
    });
    assert.equal(status, 426);
    assert.match(text, /ticket of the routing API/);
  });

  it('close: every link is told, and nothing listens any more', async () => {
    const { link } = await agent();
    const goAways: string[] = [];
    link.onGoAway(({ code }) => goAways.push(code));
    await server.close();
    await link.closed;
    assert.deepEqual(goAways, ['shutting_down']);
    await assert.rejects(dial(nodeTicket()), { code: 'link_lost' });
  });
});
