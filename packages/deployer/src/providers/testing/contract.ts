import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Backoff, CulvertError, type ErrorCode, sleep } from '@culvert/base';
import type { LaunchRequest, NodeProvider, ProvidedNode } from '../provider.ts';

/** A provider with a place of its own, in which no node of the contract is known yet. */
export interface ProviderWorld {
  readonly provider: NodeProvider;
  /**
   * A node that runs already, whose place the contract's take. Of its world's nodes, one whose version ends with `-broken`
   * says "told to fail" and exits with code 3; one whose version ends with `-deaf` hears no SIGTERM.
   */
  readonly running: string;
  /** For a provider that knows no process numbers (of pods, say): the world's own knowledge. */
  readonly pidOf?: (id: string) => number | null;
  end(): Promise<void>;
}

/** For a change of state, on a busy machine. */
const PATIENCE_MS = 20_000;
const LONG_MS = 5_000;
const SHORT_MS = 100;

/** What every node provider promises. */
export function providerContract(name: string, open: () => Promise<ProviderWorld>): void {
  describe(`node provider ${name}`, () => {
    let world: ProviderWorld;
    before(async () => {
      world = await open();
    });
    after(() => world.end());

    const order = (id: string, more: Partial<LaunchRequest> = {}): LaunchRequest => ({
      ...{ id, role: 'worker', pool: 'default', version: '2.0.0', replaces: world.running, cordoned: true },
      ...{ choice: { kind: world.provider.kind }, deployment: 'dep_1', fence: 10, ...more },
    });
    const terminate = (id: string, graceMs: number, fence = 10): Promise<void> =>
      world.provider.terminate({ id, deployment: 'dep_1', fence, graceMs });
    const look = async (id: string): Promise<ProvidedNode | undefined> => {
      const node = (await world.provider.list()).find((one) => one.id === id);
      if (world.pidOf === undefined || node?.state === 'exited') return node;
      return node && { ...node, pid: world.pidOf(id) };
    };
    /** A provider tells nobody unasked. */
    const reaches = async (id: string, state: ProvidedNode['state']): Promise<ProvidedNode> => {
      const backoff = new Backoff({ firstMs: 10, maxMs: 100 });
      for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(backoff.next(10))) {
        const node = await look(id);
        if (node?.state === state) return node;
        assert.ok(performance.now() < deadline, `${id} is not ${state}, but ${JSON.stringify(node)}`);
      }
    };

    it('launches a node once, however often and at once it is asked to; it is listed until after its end', async () => {
      await Promise.all([1, 2, 3].map(() => world.provider.launch(order('worker-1.once'))));
      assert.ok(['starting', 'running'].includes((await look('worker-1.once'))?.state ?? 'absent'));
      const node = await reaches('worker-1.once', 'running');
      assert.deepEqual({ ...node, pid: null }, running('worker-1.once'));
      assert.ok(node.pid !== null && isThere(node.pid));
      await world.provider.launch(order('worker-1.once'));
      assert.equal((await look('worker-1.once'))?.pid, node.pid);

      await terminate('worker-1.once', LONG_MS);
      await terminate('worker-1.once', LONG_MS);
      const ended = await reaches('worker-1.once', 'exited');
      assert.equal(ended.pid, null);
      assert.ok(ended.exit);
      assert.ok(!isThere(node.pid));
      await terminate('worker-1.once', LONG_MS);
    });

    it('starts it anew after an end that was ordered, not while that lasts', async () => {
      await world.provider.launch(order('worker-1.anew', { version: '2.0.0-deaf' }));
      const { pid } = await reaches('worker-1.anew', 'running');
      await terminate('worker-1.anew', LONG_MS);
      assert.equal((await look('worker-1.anew'))?.state, 'stopping');
      await refused(world.provider.launch(order('worker-1.anew')), 'provider_failed', /is ending/);
      await terminate('worker-1.anew', SHORT_MS);
      await reaches('worker-1.anew', 'exited');
      await world.provider.launch(order('worker-1.anew'));
      assert.notEqual((await reaches('worker-1.anew', 'running')).pid, pid);
      await terminate('worker-1.anew', 0);
      await reaches('worker-1.anew', 'exited');
    });

    it('ends by force, past its grace, one that does not hear', async () => {
      await world.provider.launch(order('worker-1.deaf', { version: '2.0.0-deaf' }));
      const { pid } = await reaches('worker-1.deaf', 'running');
      const startedMs = performance.now();
      await terminate('worker-1.deaf', SHORT_MS);
      const { exit } = await reaches('worker-1.deaf', 'exited');
      assert.ok(performance.now() - startedMs >= SHORT_MS);
      assert.match(exit ?? '', /SIGKILL/);
      assert.ok(pid !== null && !isThere(pid));
    });

    it('tells how one ended that does not start, shows its log, and does not try it again by itself', async () => {
      await world.provider.launch(order('worker-1.fail', { version: '2.0.0-broken' }));
      const { exit, version } = await reaches('worker-1.fail', 'exited');
      assert.match(exit ?? '', /exit code 3/);
      assert.equal(version, '2.0.0-broken');
      assert.match(await world.provider.logs('worker-1.fail'), /told to fail/);
      await world.provider.launch(order('worker-1.fail', { version: '2.0.0-broken' }));
      assert.equal((await look('worker-1.fail'))?.state, 'exited');
    });

    it('refuses an order of an older fence than it has seen, and goes on with newer ones', async () => {
      await terminate('worker-1.fail', 0, 12);
      await refused(world.provider.launch(order('worker-1.late', { fence: 11 })), 'fenced');
      await refused(terminate(world.running, 0, 11), 'fenced');
      assert.equal(await look('worker-1.late'), undefined);
      assert.equal((await look(world.running))?.state, 'running');
      await world.provider.launch(order('worker-1.next', { fence: 12 }));
      await reaches('worker-1.next', 'running');
      await terminate('worker-1.next', LONG_MS, 13);
      await reaches('worker-1.next', 'exited');
    });

    it('knows nothing of a node that it does not know', async () => {
      await refused(terminate('worker-9.none', 0, 14), 'provider_failed', /worker-9\.none/);
      assert.equal(await world.provider.logs('worker-9.none'), '');
      await refused(
        world.provider.launch(order('worker-9.some', { replaces: 'worker-9.none', fence: 14 })),
        'provider_failed',
        /worker-9\.none/,
      );
      assert.equal(await look('worker-9.some'), undefined);
    });

    it('refuses a version that is nowhere', async () => {
      const choice = { kind: world.provider.kind, directory: '/nowhere/at/all' };
      await refused(world.provider.launch(order('worker-1.void', { choice, fence: 14 })), 'provider_failed', /nowhere/);
      assert.equal(await look('worker-1.void'), undefined);
    });

    it('gives up when it is told to', async () => {
      const reason = new CulvertError('timeout', 'no time left');
      await assert.rejects(world.provider.list(AbortSignal.abort(reason)), reason);
    });
  });
}

function running(id: string): ProvidedNode {
  return { id, role: 'worker', version: '2.0.0', state: 'running', pid: null, exit: null };
}

async function refused(promise: Promise<void>, code: ErrorCode, words = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof CulvertError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
}

/** No zombie, which a node stays until somebody has waited for it. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = process.platform === 'linux' ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
