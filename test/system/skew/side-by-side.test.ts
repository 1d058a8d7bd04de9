import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { SessionRoute } from '@culvert/contracts';
import { createKey, ensureTenant, type ManagedProcess } from '@culvert/local';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { assertKept } from '../../support/chaos/report.ts';
import { Traffic } from '../../support/chaos/traffic.ts';
import { eventually } from '../../support/eventually.ts';
import { PREVIOUS, previousRelease, previousReleaseMissing } from '../../support/previous-release.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

const HOST = 'app.internal';
const RELEASES = ['this', 'previous'] as const;
type Release = (typeof RELEASES)[number];
const missing = await previousReleaseMissing();

/** Agents and gateways are not upgraded in the moment in which workers are: each pair of releases has to get on. */
describe(`${PREVIOUS.version} beside this release`, { timeout: 180_000, skip: missing ?? false }, () => {
  let test: TestCluster;
  let traffic: Traffic;
  const workers = {} as Record<Release, ManagedProcess>;
  const gateways = {} as Record<Release, ManagedProcess>;
  const agents = {} as Record<Release, ServingAgent>;

  before(async () => {
    const entry = join(await previousRelease(), 'packages/cli/src/main.ts');
    test = await openCluster({ workers: 1, gateways: 1 });
    const { cluster } = test;
    workers.this = first(cluster.workers);
    gateways.this = first(cluster.gateways);
    workers.previous = await cluster.addWorker({ entry });
    gateways.previous = await cluster.addGateway({ entry });
    await ensureTenant(cluster.api, 'skew');
    const { key } = await createKey(cluster.api, 'skew', 'agent', 'of a skew test');
    const agent = { key, allow: [HOST], hosts: { [HOST]: '127.0.0.1' } };
    agents.this = await serveWith(cluster, { ...agent, name: 'new' });
    agents.previous = await serveWith(cluster, { ...agent, name: 'old', entry });
    const ways = RELEASES.flatMap((gateway) =>
      RELEASES.map((release) => [`${gateway} gateway to ${release} agent`, via(gateways[gateway], agents[release])]),
    );
    traffic = await Traffic.start({ ways: Object.fromEntries(ways), host: HOST, seed: 7 });
  });
  after(async () => {
    await traffic?.[Symbol.asyncDispose]();
    await test?.end();
  });

  it('they are what they should be, by their versions', () => {
    assert.equal(workers.previous.version, PREVIOUS.version);
    assert.equal(gateways.previous.version, PREVIOUS.version);
    assert.notEqual(workers.this.version, PREVIOUS.version);
  });

  for (const release of ['previous', 'this', 'previous'] as const) {
    it(`sessions and their connections move to the worker of ${release} release`, async () => {
      await traffic.through(() => moveAllTo(workers[release]));
      assertKept(traffic.tally());
    });
  }

  it('the previous release’s worker is killed: all go on over this one’s', async () => {
    await traffic.through(async () => {
      test.expectExit(workers.previous.id);
      await workers.previous.kill('SIGKILL');
    });
    for (const agent of Object.values(agents)) assert.equal(await ownerOf(agent), workers.this.id);
  });

  it('nothing was lost, no byte was wrong, nobody was refused', async () => {
    const tally = await traffic.finish();
    assert.ok(tally.connections > 20 && tally.opened > 20, `${tally.connections} connections, ${tally.opened} opened`);
    assertKept(tally);
    assert.deepEqual(tally.refused, {});
  });

  async function moveAllTo({ id }: ManagedProcess): Promise<void> {
    const { api } = test.cluster;
    for (const agent of Object.values(agents)) {
      if ((await ownerOf(agent)) !== id)
        await api.call('POST', `/sessions/${agent.sessionId}/move`, { body: { to: id } });
    }
    for (const agent of Object.values(agents)) {
      await eventually(`${agent.sessionId} on ${id}`, async () => (await ownerOf(agent)) === id);
    }
  }

  async function ownerOf({ sessionId }: ServingAgent): Promise<string> {
    const { node } = await test.cluster.api.call<SessionRoute>('GET', `/sessions/${sessionId}/route`);
    return node.id;
  }
});

function first(processes: readonly ManagedProcess[]): ManagedProcess {
  const [process] = processes;
  assert.ok(process);
  return process;
}

/** The agent's proxy URL, with the address of that gateway. */
function via(gateway: ManagedProcess, { proxy }: ServingAgent): string {
  const url = new URL(proxy);
  url.host = new URL(gateway.address('proxy')).host;
  return url.href;
}
