import assert from 'node:assert/strict';
import type { Receipt, Session } from '@culvert/contracts';
import { type ApiClient, type Cluster, createKey, ensureTenant } from '@culvert/local';
import { assertKept, percentile, type Report } from '../chaos/report.ts';
import { resumeCountsOf } from '../chaos/resume-counts.ts';
import { openCluster, type TestCluster, type TestClusterOptions } from '../with-cluster.ts';
import { Busy } from './busy.ts';
import { Crowd } from './crowd.ts';

/** A name that only the agents resolve. */
export const HOST = 'app.internal';
const TENANT = 'release';

export interface ReleaseWorldOptions {
  readonly cluster?: TestClusterOptions;
  /** Sessions in all … */
  readonly sessions: number;
  /** … and how many of them carry a connection that never pauses. */
  readonly busy: number;
}

/** A cluster with customers on it, for releases under traffic. */
export class ReleaseWorld implements AsyncDisposable {
  readonly crowd: Crowd;
  readonly busy: Busy;
  readonly #test: TestCluster;

  private constructor(test: TestCluster, crowd: Crowd, busy: Busy) {
    this.#test = test;
    this.crowd = crowd;
    this.busy = busy;
  }

  static async open({ cluster: options, sessions, busy: count }: ReleaseWorldOptions): Promise<ReleaseWorld> {
    const test = await openCluster({ workers: 4, gateways: 2, deployers: 1, ...options });
    try {
      const { cluster } = test;
      await ensureTenant(cluster.api, TENANT);
      const { key } = await createKey(cluster.api, TENANT, 'agent', 'of a release test');
      const crowd = new Crowd({ api: cluster.api, key, allow: [HOST], hosts: { [HOST]: '127.0.0.1' } });
      await crowd.open(sessions);
      const gateways = cluster.gateways.map((gateway) => gateway.address('proxy'));
      return new ReleaseWorld(test, crowd, await Busy.start(crowd.members.slice(0, count), HOST, gateways));
    } catch (error) {
      await test.cluster.stop();
      throw error;
    }
  }

  get cluster(): Cluster {
    return this.#test.cluster;
  }

  get api(): ApiClient {
    return this.cluster.api;
  }

  /** A process is to end without having been asked to by the cluster. */
  expectExit(id: string): void {
    this.#test.expectExit(id);
  }

  /** The versions of the workers that live, sorted. */
  async versions(): Promise<string[]> {
    const { items } = await this.api.call<{ items: { role: string; version: string; state: string }[] }>(
      'GET',
      '/nodes',
    );
    return items
      .filter(({ role, state }) => role === 'worker' && state !== 'dead')
      .map(({ version }) => version)
      .toSorted();
  }

  /** Where every session is, by its id. */
  async owners(): Promise<Map<string, string | null>> {
    const owners = new Map<string, string | null>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: Session[]; next: string | null } = await this.api.call(
        'GET',
        `/sessions?limit=500&tenant=${TENANT}${query}`,
      );
      for (const { id, node } of page.items) owners.set(id, node);
      cursor = page.next;
    }
    return owners;
  }

  /**
   * Whatever `work` does, nothing is lost, nothing wrong, nobody refused; and its receipt says what the customers saw.
   * The figures go into the report even when they are wrong.
   */
  async unnoticed(name: string, report: Report, work: () => Promise<Receipt>): Promise<Receipt> {
    const before = await resumeCountsOf(this.cluster.gateways);
    const already = this.busy.tally();
    this.crowd.forget();
    this.busy.watch();
    const receipt = await work();
    await this.busy.passed();
    const tally = this.busy.tally();
    const after = await resumeCountsOf(this.cluster.gateways);
    const counts = {
      resumed: after.resumed - before.resumed,
      replayedBytes: after.replayedBytes - before.replayedBytes,
      lost: after.lost,
    };
    report.add(name, { ...tally, opened: tally.opened - already.opened }, counts);
    assertKept(tally);
    assert.deepEqual(tally.refused, {}, 'new connections were refused');
    await this.crowd.expectServed();
    await this.#compare(receipt, tally.gapsMs, counts);
    return receipt;
  }

  async end(): Promise<void> {
    await this.busy[Symbol.asyncDispose]();
    await this.crowd[Symbol.asyncDispose]();
    await this.#test.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  /** The receipt's totals against what agents, browsers and gateways counted by themselves. */
  async #compare(
    { totals, sessions }: Receipt,
    gapsMs: readonly number[],
    counts: { resumed: number; replayedBytes: number },
  ): Promise<void> {
    const moved = this.crowd.members.filter((member) => this.crowd.linksOf(member).length > 0);
    const touched = new Set(sessions.map(({ id }) => id));
    assert.deepEqual([...touched].toSorted(), moved.map(({ sessionId }) => sessionId).toSorted(), 'sessions touched');
    assert.equal(totals.connectionsLost, 0);
    // Connections that come and go all the time may end just while they move: those that stay are counted exactly.
    for (const { sessionId, events } of this.crowd.members.slice(this.busy.openers)) {
      const seen = events.filter(({ event }) => event === 'connection.resume').length;
      const told = sessions.filter(({ id }) => id === sessionId).reduce((sum, one) => sum + one.connectionsMoved, 0);
      assert.equal(told, seen, `connections of ${sessionId} that were moved`);
    }
    // The gateways have counted the verification's own as well.
    assert.ok(totals.bytesReplayed <= counts.replayedBytes, `${totals.bytesReplayed} bytes replayed`);
    const links = this.crowd.members.reduce((sum, member) => sum + this.crowd.linksOf(member).length, 0);
    assert.equal(sessions.length, links, 'moves, as the agents counted them');
    assert.equal(totals.movedSessions, moved.length);
    const owners = await this.owners();
    for (const { sessionId } of moved) {
      const last = sessions.filter(({ id }) => id === sessionId).at(-1);
      assert.equal(last?.to, owners.get(sessionId), `where ${sessionId} went`);
    }
    // A browser sees a gap as part of a silence.
    const longest = Math.max(0, ...gapsMs);
    assert.ok(totals.gapMs.max <= longest + 50, `a gap of ${totals.gapMs.max} ms, where browsers saw ${longest} ms`);
    assert.ok(totals.gapMs.p50 <= percentile(gapsMs, 1) + 50);
  }
}
