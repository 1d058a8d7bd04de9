import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { SloDeployment, SloReport } from '@culvert/contracts';
import { createKey, type ManagedProcess } from '@culvert/local';
import {
  type ClientCounts,
  type KindCounts,
  type LoadResult,
  type LoadScript,
  runLoad,
  type Vu,
} from '../../load/lib/index.ts';
import { serveWith } from '../../support/agent-process.ts';
import { DeploymentDriver } from '../../support/deploy/deployments.ts';
import { eventually } from '../../support/eventually.ts';
import { connectVia } from '../../support/proxy-client.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

/** Longer than anything that is done meanwhile: the load ends when that has ended. */
const LOAD = '180s';
const KILL_AFTER_MS = 3_000;
const DEPLOY_AFTER_MS = 6_000;
const DEPLOYMENT_DEADLINE_MS = 120_000;
/** Counts are written every 5 s; a report is kept for a few. */
const COUNTED_WITHIN_MS = 20_000;
const IN_VAIN = 3;

/** Connections of every kind; each request is one of its own, so that connections are what clients count, too. */
const traffic: LoadScript = {
  options: {
    agents: 4,
    scenarios: {
      requests: {
        ...{ executor: 'constant-arrival-rate', rate: 20, duration: LOAD, preAllocatedVUs: 20, maxVUs: 100 },
        ...{ exec: 'requests', gracefulStop: '10s' },
      },
      talkers: { executor: 'constant-vus', vus: 8, duration: LOAD, exec: 'talkers', gracefulStop: '10s' },
      sockets: { executor: 'constant-vus', vus: 4, duration: LOAD, exec: 'sockets', gracefulStop: '10s' },
    },
  },
  requests: async (vu: Vu) => void (await vu.http.get('/hello', { keepAlive: false })),
  talkers: async (vu: Vu) =>
    void (await vu.connect((conversation) => conversation.talk({ for: '1500ms', every: '20ms' }))),
  sockets: async (vu: Vu) =>
    void (await vu.websocket((conversation) => conversation.talk({ for: '4s', every: '40ms' }))),
};

describe('the availability report', { timeout: 300_000 }, () => {
  let test: TestCluster;
  let load: LoadResult;
  let deployment: DeploymentDriver;

  before(async () => {
    test = await openCluster({ workers: 3, gateways: 2, deployers: 1 });
    const { api, workers } = test.cluster;
    const enough = new AbortController();
    const under = runLoad(traffic, test.cluster, {
      signal: enough.signal,
      onProgress: ({ elapsedMs }) => reached(elapsedMs),
    });
    const waits: { atMs: number; resolve: () => void }[] = [];
    const loaded = (atMs: number): Promise<void> => new Promise((resolve) => waits.push({ atMs, resolve }));
    function reached(elapsedMs: number): void {
      for (const { atMs, resolve } of waits) if (elapsedMs >= atMs) resolve();
    }
    try {
      await Promise.race([loaded(KILL_AFTER_MS), under]);
      await kill(workers[0]);
      await Promise.race([loaded(DEPLOY_AFTER_MS), under]);
      // Without the analysis: on a loaded machine it may take slow openings for the new version's fault, and go back.
      deployment = await DeploymentDriver.start(api, { version: '2', analyzeMs: 0 });
      await deployment.ends('succeeded', DEPLOYMENT_DEADLINE_MS);
    } finally {
      enough.abort();
      load = await under;
    }
  });
  after(() => test.end());

  it('is of a load that shows something: connections of every kind, of which many lost their worker', () => {
    const { connections, agents, wrongBytes } = load.counts;
    for (const kind of ['http', 'connect', 'websocket'] as const) assert.ok(connections[kind].opened > 10, kind);
    assert.ok(agents.resumed > 10, `${agents.resumed} connections went on over another worker`);
    assert.deepEqual({ wrongBytes, errors: load.errors }, { wrongBytes: 0, errors: [] });
  });

  it('equals what the load generator counted, through a worker’s death and a release', async () => {
    const { opened: seen, undecided, ...bad } = expected(load.counts);
    const counted = async (): Promise<true> => {
      const { opened, ...rest } = figuresOf(await report());
      assert.deepEqual(rest, bad);
      assert.ok(opened >= seen && opened <= seen + undecided, `${opened} opened, not ${seen} to ${seen + undecided}`);
      return true;
    };
    await eventually('the report of it', counted, COUNTED_WITHIN_MS);
    // An edge counts a connection that goes on; its agent also what it answered over a path that was lost before the edge heard.
    const { resumed } = (await report()).real.reliability;
    assert.ok(
      resumed > 10 && resumed <= load.counts.agents.resumed,
      `${resumed}, agents: ${load.counts.agents.resumed}`,
    );
  });

  it('says what the release spent of the budget: nothing', async () => {
    const { deployments } = await report();
    const found = deployments.find(({ id }) => id === deployment.id);
    assert.partialDeepStrictEqual(found, {
      version: '2',
      state: 'succeeded',
      real: { failed: 0, lost: 0 },
    } satisfies PartialDeployment);
  });

  it('counts apart what was refused by Culvert’s fault, and what was not', async () => {
    const { cluster } = test;
    await cluster.api.call('POST', '/tenants', { body: { id: 'refused' } });
    const { key } = await createKey(cluster.api, 'refused', 'agent', 'of a test');
    const { proxy } = await serveWith(cluster, { key, allow: ['127.0.0.1'] });
    const refused = async (authority: string, code: string): Promise<void> => {
      const { answer, socket } = await connectVia(proxy, authority);
      socket.destroy();
      assert.equal(answer.code, code);
    };
    await refused('127.0.0.2:80', 'target_denied');
    await refused(`127.0.0.1:${await closedPort()}`, 'target_unreachable');
    // All workers at once: sessions that want to be served, and nobody who could.
    await Promise.all(cluster.workers.map(kill));
    await Promise.all(Array.from({ length: IN_VAIN }, () => refused('127.0.0.1:80', 'session_offline')));
    const counted = async (): Promise<true> => {
      const { tenants } = await report();
      const own = tenants.find(({ tenant }) => tenant === 'refused')?.figures.availability;
      assert.partialDeepStrictEqual(own, { opened: 0, failed: IN_VAIN, excused: 2 });
      return true;
    };
    await eventually('what was refused', counted, COUNTED_WITHIN_MS);
  });

  async function kill(victim: ManagedProcess | undefined): Promise<void> {
    assert.ok(victim);
    test.expectExit(victim.id);
    await victim.kill('SIGKILL');
  }

  function report(): Promise<SloReport> {
    return test.cluster.api.call('GET', '/slo?window=1h');
  }
});

type PartialDeployment = Pick<SloDeployment, 'version' | 'state'> & { real: Partial<SloDeployment['real']> };

interface Figures {
  readonly opened: number;
  readonly failed: number;
  readonly lost: number;
}

/** Nobody listens there. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function figuresOf({ real: { availability, reliability } }: SloReport): Figures {
  const { opened, failed } = availability;
  const { lost } = reliability;
  return { opened, failed, lost };
}

interface Expected extends Figures {
  /** Broken off by the end of the load while they were being opened: an edge may have got there first. */
  readonly undecided: number;
}

/** The same from the other side. */
function expected({ connections }: ClientCounts): Expected {
  const kinds = Object.values(connections);
  const all = (count: (kind: KindCounts) => number): number => kinds.reduce((sum, kind) => sum + count(kind), 0);
  const sumOf = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((a, b) => a + b, 0);
  const opened = all((kind) => kind.opened);
  const failed = all((kind) => sumOf(kind.failed));
  const answered = opened + failed + all((kind) => sumOf(kind.unanswered));
  return { opened, failed, lost: all((kind) => sumOf(kind.lost)), undecided: all((kind) => kind.attempted) - answered };
}
