import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { until } from '@culvert/mux/testing';
import { LEASE_MS } from '@culvert/registry';
import { Isolation, type IsolationOptions } from './isolation.ts';
import type { Peer } from './peers.ts';
import { MOVES_PER_SECOND } from './plan-moves.ts';
import type { Trust } from './suspect.ts';
import { StillWorld } from './testing/still-world.ts';
import { FrameEdge, LinkStandIn, ticketOf } from './testing/world.ts';

const SLOT_MS = 1_000 / MOVES_PER_SECOND;
/** The longest pause between two rounds of questions, ms. */
const ROUND_MS = 2_400;

const turn = () => new Promise(setImmediate);

/** A worker with sessions, and the answers of its peers. */
class Isolated {
  readonly world = new StillWorld();
  readonly asked: string[] = [];
  readonly isolation: Isolation;
  peers: Peer[] = ['w_2', 'w_3', 'a_1'].map((id) => ({ id, admin: `http://${id}` }));
  /** Those that are ready; the others answer that they are not. */
  ready = new Set<string>();
  /** Those that never answer. */
  silent = new Set<string>();
  draining = false;
  #become: (trust: Trust) => void = () => undefined;

  constructor(over: Partial<IsolationOptions> = {}) {
    this.isolation = new Isolation({
      suspect: {
        onChange: (listener) => {
          this.#become = listener;
          return () => {
            this.#become = () => undefined;
          };
        },
      },
      sessions: this.world.sessions,
      peers: { some: (count) => this.peers.slice(0, count) },
      isReady: (peer, signal) => this.#isReady(peer, signal),
      draining: () => this.draining,
      clock: this.world.clock,
      logger: silentLogger,
      random: () => 0.5,
      ...over,
    });
  }

  async become(phase: Trust['phase']): Promise<void> {
    this.#become(phase === 'cut_off' || phase === 'checking' ? { phase, sinceMs: 0 } : { phase });
    await turn();
  }

  async advance(ms: number): Promise<void> {
    this.world.clock.advance(ms);
    await turn();
  }

  async admit(count: number) {
    const admitted = [];
    for (let i = 0; i < count; i += 1) admitted.push(await this.world.admit());
    return admitted;
  }

  #isReady({ id }: Peer, signal: AbortSignal): Promise<boolean> {
    this.asked.push(id);
    if (this.silent.has(id)) {
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    }
    return Promise.resolve(this.ready.has(id));
  }
}

describe('a worker that stays cut off', () => {
  it('asks nobody within the time of a lease', async () => {
    const isolated = new Isolated();
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS - 1);
    assert.deepEqual(isolated.asked, []);
    await isolated.advance(1);
    assert.deepEqual(isolated.asked, ['w_2', 'w_3', 'a_1']);
    isolated.isolation.close();
  });

  it('no peer is ready either: the registry itself is away, and everything stays as it is', async () => {
    const isolated = new Isolated();
    const [{ actor, link } = assert.fail()] = await isolated.admit(1);
    isolated.silent.add('w_3');
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS);
    for (let i = 0; i < 20; i += 1) await isolated.advance(1_000);
    assert.ok(isolated.asked.length > 9, 'it goes on asking');
    assert.deepEqual([actor.state.phase, link.asked], ['idle', []]);
    isolated.isolation.close();
  });

  it('knows of no peers: everything stays as it is', async () => {
    const isolated = new Isolated();
    isolated.peers = [];
    const [{ link } = assert.fail()] = await isolated.admit(1);
    await isolated.become('cut_off');
    for (let i = 0; i < 20; i += 1) await isolated.advance(1_000);
    assert.deepEqual(link.asked, []);
    isolated.isolation.close();
  });

  it('one peer is ready: its agents are sent to whom the API knows, the idle ones first, at a pace', async () => {
    const isolated = new Isolated();
    const admitted = await isolated.admit(3);
    const [busy = assert.fail()] = admitted;
    new FrameEdge(isolated.world.sessions).open(busy.actor.id);
    const standby = new LinkStandIn();
    isolated.world.sessions.standbys.add({ ticket: ticketOf(), link: standby.asLink() });
    isolated.silent.add('w_2').add('w_3');
    isolated.ready.add('a_1');
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS);
    assert.deepEqual(
      admitted.map(({ actor, link }) => [actor.state.phase, ...link.asked, ...link.delaysMs]),
      [
        ['moving', 'draining', 2 * SLOT_MS],
        ['moving', 'draining', 0],
        ['moving', 'draining', SLOT_MS],
      ],
    );
    assert.deepEqual(standby.asked, ['draining'], 'a worker that takes nothing over is no standby');
    await isolated.advance(1_000 + ROUND_MS);
    assert.equal(busy.link.asked.length, 1, 'it was told, and has time');
    for (let i = 0; i < 15; i += 1) await isolated.advance(1_000);
    assert.equal(busy.link.asked.length, 2, 'it has not gone: it is told again');
    isolated.isolation.close();
  });

  it('sends nobody away before a peer says that it is ready, and everybody when one does', async () => {
    const isolated = new Isolated();
    const [{ link } = assert.fail()] = await isolated.admit(1);
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS);
    await isolated.advance(ROUND_MS);
    assert.deepEqual(link.asked, []);
    isolated.ready.add('w_3');
    await isolated.advance(ROUND_MS);
    assert.deepEqual(link.asked, ['draining']);
    isolated.isolation.close();
  });

  it('the registry is back: who has not gone may stay, once it is known whose it is', async () => {
    const isolated = new Isolated();
    isolated.ready.add('w_2');
    const [{ actor } = assert.fail(), gone = assert.fail()] = await isolated.admit(2);
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS);
    gone.link.leaves();
    await gone.link.closed;
    await isolated.become('checking');
    assert.equal(actor.state.phase, 'moving');
    await isolated.become('trusted');
    assert.deepEqual([actor.state.phase, gone.actor.state.phase], ['idle', 'closed']);
    const { length } = isolated.asked;
    for (let i = 0; i < 10; i += 1) await isolated.advance(1_000);
    assert.equal(isolated.asked.length, length, 'nobody is asked any more');
  });

  it('that drains calls nobody back', async () => {
    const isolated = new Isolated();
    isolated.ready.add('w_2');
    const [{ actor } = assert.fail()] = await isolated.admit(1);
    await isolated.become('cut_off');
    await isolated.advance(LEASE_MS);
    isolated.draining = true;
    await isolated.become('trusted');
    assert.equal(actor.state.phase, 'moving');
  });

  it('that stops asks no more', async () => {
    const isolated = new Isolated();
    await isolated.become('cut_off');
    isolated.isolation.close();
    await isolated.advance(60_000);
    assert.deepEqual([isolated.asked, isolated.world.clock.next], [[], undefined]);
  });

  it('takes 200 of /readyz for ready, and nothing else', async (t) => {
    const paths: (string | undefined)[] = [];
    let status = 503;
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { world, ...isolated } = new Isolated();
    isolated.isolation.close();
    const { port } = server.address() as AddressInfo;
    let become: (trust: Trust) => void = () => undefined;
    const isolation = new Isolation({
      suspect: {
        onChange: (listener) => {
          become = listener;
          return () => undefined;
        },
      },
      ...{ sessions: world.sessions, clock: world.clock, logger: silentLogger, random: () => 0.5 },
      peers: { some: () => [{ id: 'w_2', admin: `http://127.0.0.1:${port}` }] },
      draining: () => false,
    });
    t.after(() => isolation.close());
    const { link } = await world.admit();
    become({ phase: 'cut_off', sinceMs: 0 });
    world.clock.advance(LEASE_MS);
    await turn();
    await until('it has asked', () => paths.length === 1 && world.clock.next === LEASE_MS + 2_000);
    assert.deepEqual([paths, link.asked], [['/readyz'], []]);
    status = 200;
    world.clock.advance(ROUND_MS);
    await until('it sends its agents away', () => link.asked.length > 0);
    assert.equal(paths.length, 2);
  });
});
