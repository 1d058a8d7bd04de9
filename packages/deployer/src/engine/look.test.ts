import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { NodeRole, NodeView } from '@culvert/registry';
import { Look } from './look.ts';
import type { EngineRegistry, NodeAsker } from './world.ts';

const view = (id: string, role: NodeRole, over: Partial<NodeView> = {}): NodeView => ({
  ...{ id, boot: `${id}-b`, role, version: '1', pool: 'default', host: 'h', pid: 1, admin: `fake://${id}` },
  ...{ capacity: 1, admissionRate: 1, state: 'ready', sessions: 0, connections: 0, cordoned: false, leaseAgeMs: 0 },
  ...over,
});
const NODES = [
  ...[view('w', 'worker'), view('g-1', 'gateway'), view('g-2', 'gateway'), view('api', 'api')],
  ...[view('g-dead', 'gateway', { state: 'dead' }), view('old', 'gateway', { state: 'empty', connections: 0 })],
];
const silent = async () => Promise.reject(new CulvertError('node_unreachable'));

function lookWith(client: Partial<NodeAsker>, registry: Partial<EngineRegistry> = {}): Look {
  const all = { client: client as NodeAsker, registry: registry as EngineRegistry, nodes: NODES };
  return new Look({ ...all, signal: new AbortController().signal, logger: silentLogger });
}

describe('a look at the nodes', () => {
  it('tells a node that does not answer from one that is not ready, and from one that is not there', async () => {
    const look = lookWith({
      readiness: async (admin) => (admin === 'fake://w' ? { ready: false, reasons: ['starting'] } : silent()),
    });
    assert.deepEqual(await look.health(['w', 'g-1', 'g-dead']), {
      w: { ready: false, unreachable: false, reasons: ['starting'] },
      'g-1': { ready: false, unreachable: true, reasons: ['it does not answer'] },
      'g-dead': { ready: false, unreachable: true, reasons: ['it is not in the registry'] },
    });
  });

  it('believes in a cordon only those who say that they know of it', async () => {
    const cordoned = { known: true, boot: 'b', state: 'cordoned', cordoned: true };
    const look = lookWith({
      believedNode: async (admin) => {
        if (admin === 'fake://g-2') return silent();
        return admin === 'fake://api' ? { ...cordoned, known: false } : cordoned;
      },
    });
    assert.deepEqual((await look.beliefs(['w'])).w, [
      { node: 'g-1', role: 'gateway', cordoned: true },
      { node: 'g-2', role: 'gateway', cordoned: null },
      { node: 'api', role: 'api', cordoned: null },
      { node: 'old', role: 'gateway', cordoned: true },
    ]);
  });

  it('holds a worker for empty by the gateways only when all of them have answered', async () => {
    const ready = { ready: true, sessions: 0, connections: 0, bufferedBytes: 0 };
    const away = { state: 'offline' };
    const registry = {
      listReservations: async () => [],
      listSessions: async () => ({ items: [away, away], next: null }),
    } as unknown as EngineRegistry;
    const edgeLinks = async () => ({ items: [{ node: 'w', streams: 2 }], detached: 1 });
    const all = lookWith({ readyToTerminate: async () => ready, edgeLinks }, registry);
    assert.deepEqual((await all.empty(['w'])).w, {
      worker: ready,
      registry: { owned: 0, reserved: 0 },
      gateways: { streams: 6, asked: 3 },
    });
    const some = {
      readyToTerminate: silent,
      edgeLinks: async (admin: string) => (admin.endsWith('2') ? silent() : edgeLinks()),
    };
    const { worker, gateways } = (await lookWith(some, registry).empty(['w'])).w ?? {};
    assert.deepEqual([worker, gateways], [null, null]);
  });

  it('takes other nodes than workers at their word', async () => {
    const registry = { listReservations: async () => [], listSessions: async () => ({ items: [], next: null }) };
    const edgeLinks = async () => ({ items: [], detached: 0 });
    const look = lookWith({ edgeLinks }, registry as Partial<EngineRegistry>);
    const empty = await look.empty(['old', 'g-1']);
    assert.deepEqual([empty.old?.worker?.ready, empty['g-1']?.worker?.ready], [true, false]);
  });

  it('names the holders that wait longest, and how many there are', async () => {
    const blockers = Array.from({ length: 25 }, (_, n) => ({
      ...{ kind: 'connection' as const, session: `s_${n}`, tenant: 'acme', name: null, connection: `c_${n}` },
      ...{ target: 'app:80', reason: 'busy' as const, detail: '', bytesPerSecond: 5 },
      since: new Date(1_000_000 - n).toISOString(),
    }));
    const { w } = await lookWith({ blockers: async () => blockers }).holders(['w']);
    assert.equal(w?.total, 25);
    assert.equal(w?.items.length, 20);
    assert.deepEqual(w?.items[0], {
      ...{ session: 's_24', tenant: 'acme', name: null, connection: 'c_24', target: 'app:80', reason: 'busy' },
      ...{ sinceMs: 999_976, lastByteMs: null, bytesPerSecond: 5 },
    });
  });
});
