import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Cluster, type ClusterEvent, type ClusterOptions, startCluster } from '@culvert/local';

const root = dirname(dirname(import.meta.dirname));
/** The command that the processes of a test's cluster are made of: the one in this checkout. */
export const CULVERT_ENTRY = join(root, 'packages/cli/src/main.ts');

export type TestClusterOptions = Partial<Omit<ClusterOptions, 'entry'>>;

/** A cluster of a test, and what happened in it. */
export interface TestCluster {
  readonly cluster: Cluster;
  readonly events: readonly ClusterEvent[];
  /** A process is to end without having been asked to, and the test asked for it. */
  expectExit(id: string): void;
  /** Stops everything; fails when a process is left, or one had ended unasked. */
  end(): Promise<void>;
}

/** For suites that share one cluster between tests: `before` starts it, `after` calls `end()`. */
export async function openCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'culvert-test-'));
  const events: ClusterEvent[] = [];
  const expected = new Set<string>();
  const cluster = await startCluster({
    durable: false,
    deployers: 0,
    ...options,
    entry: CULVERT_ENTRY,
    dataDir,
    cacheDir: join(root, '.culvert'),
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return {
    cluster,
    events,
    expectExit: (id) => void expected.add(id),
    async end() {
      await cluster.stop();
      assert.deepEqual(cluster.survivors(), [], 'processes of the cluster were left running');
      const deaths = events.filter((event) => event.event === 'process.exit' && !expected.has(event.id));
      assert.deepEqual(deaths, [], `processes ended unasked; the data folder ${dataDir} is kept`);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs `work` with a cluster of its own, and ends it whatever happens. */
export async function withCluster(
  options: TestClusterOptions,
  work: (cluster: Cluster, test: TestCluster) => Promise<void>,
): Promise<void> {
  const test = await openCluster(options);
  try {
    await work(test.cluster, test);
  } catch (error) {
    await test.cluster.stop();
    throw error;
  }
  await test.end();
}
