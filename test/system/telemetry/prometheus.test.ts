import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiClient, type Cluster, createKey, type ManagedProcess } from '@culvert/local';
import { alertRules, DEFAULT_OBJECTIVES } from '@culvert/service';
import type { MetricRole } from '@culvert/telemetry';
import { type ServingAgent, serveWith } from '../../support/agent-process.ts';
import { eventually } from '../../support/eventually.ts';
import { type HelloApp, startHelloApp } from '../../support/hello-app.ts';
import { expressions, seriesOfScrapes, seriesOfTable, withRecorded } from '../../support/infra/observability.ts';
import { missingOf, wrongWith } from '../../support/prometheus/compare.ts';
import { type Family, parseExposition, sampleOf } from '../../support/prometheus/exposition.ts';
import { unknownIn } from '../../support/prometheus/named.ts';
import { checkMetrics, checkRules, Prometheus } from '../../support/prometheus/prometheus.ts';
import { credentialsOf, getVia, withCredentials } from '../../support/proxy-client.ts';
import { whileUsed } from '../../support/steady-users.ts';
import { TunnelClient } from '../../support/tunnel-client.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

const HOST = 'app.internal';
const WORDS = 'the private app';
const EVERY_MS = 500;
const PROBE_EVERY_MS = 2_000;
/** Who use the app during the incident. A connection waits for 5 s before it fails: so some fail all the time. */
const USERS = { users: 10, apartMs: 500, pauseMs: 100 };

/** Metrics that take what does not happen here, or has not by then, and what that is. */
const NOT_YET: Readonly<Record<string, string>> = {
  'culvert.telemetry.spans.lost': 'an export of traces that fails',
  'culvert.session.refused': 'two agents that claim one session in the same moment',
  'culvert.connection.lost': 'the incident: it is looked at there',
};

function missing(role: MetricRole, scrapes: readonly ReadonlyMap<string, Family>[]): string[] {
  return missingOf(role, scrapes).filter((name) => NOT_YET[name] === undefined);
}

/** The same rules as in production, with times in seconds: an incident of some seconds fires, and is over soon. */
const RULES = alertRules(DEFAULT_OBJECTIVES, {
  burnAlerts: [{ severity: 'page', longMs: 12_000, shortMs: 6_000, rate: 14.4 }],
  intervalMs: EVERY_MS,
  forMs: 0,
});
const BURN = 'CulvertConnectionSuccessBurn';

describe('metrics of a cluster', () => {
  let app: HelloApp;
  let test: TestCluster;
  let cluster: Cluster;
  let prometheus: Prometheus;
  let agent: ServingAgent;
  let key: string;

  const target = (): string => `http://${HOST}:${app.port}/`;
  const authority = (): string => `${HOST}:${app.port}`;

  before(async () => {
    app = await startHelloApp(WORDS);
    const env = { CULVERT_RESUME_WINDOW: '8s' };
    test = await openCluster({
      workers: 2,
      deployers: 1,
      probeEveryMs: PROBE_EVERY_MS,
      overrides: { gateway: { env }, worker: { env } },
    });
    ({ cluster } = test);
    const targets = Object.fromEntries(nodes().map((node) => [node.id, new URL(node.address('admin')).host] as const));
    prometheus = await Prometheus.start({ targets, rules: RULES, everyMs: EVERY_MS });
    await cluster.api.call('POST', '/tenants', { body: { id: 'acme' } });
    ({ key } = await createKey(cluster.api, 'acme', 'agent', 'test'));
    agent = await serveWith(cluster, { key, name: 'app', allow: [authority()], hosts: { [HOST]: '127.0.0.1' } });
  });
  after(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await test?.end();
    await app[Symbol.asyncDispose]();
  });

  it('are shown by all roles: after traffic, refusals, a session that moves, and a rehearsal', async () => {
    await useEverything();
    for (const role of ['api', 'gateway', 'worker', 'deployer'] as const) {
      const scrapes = await eventually(`all metrics of ${role}`, async () => {
        const read = (await textsOf(role)).map(parseExposition);
        assert.deepEqual(missing(role, read), []);
        return read;
      });
      for (const families of scrapes) assert.deepEqual(wrongWith(role, families), []);
    }
  });

  it('have every metric and label that boards and rules name; Prometheus understands each of their questions', async () => {
    const scrapes = (await Promise.all(['api', 'gateway', 'worker', 'deployer'].map(textsOf)))
      .flat()
      .map(parseExposition);
    const table = seriesOfTable();
    const shown = seriesOfScrapes(scrapes);
    for (const metric of Object.keys(NOT_YET)) {
      for (const [name, labels] of table) if (name.startsWith(metric.replaceAll('.', '_'))) shown.set(name, labels);
    }
    const known = withRecorded(shown);
    for (const { where, expr } of expressions()) {
      assert.deepEqual(unknownIn(expr, known), [], where);
      await prometheus.value(expr); // rejects with what Prometheus does not understand
    }
  });

  it('are accepted by promtool without complaint', async () => {
    for (const role of ['api', 'gateway', 'worker', 'deployer']) {
      for (const text of await textsOf(role)) assert.equal(await checkMetrics(text), '', role);
    }
    assert.equal(await checkRules(RULES), '');
    assert.equal(await checkRules(alertRules(DEFAULT_OBJECTIVES)), '');
  });

  it('are scraped: every target is up, and what Prometheus has is what was sent', async () => {
    const up = await eventually('all targets are up', async () => {
      const targets = await prometheus.targets();
      return targets.every(({ health }) => health === 'up') && targets;
    });
    assert.equal(up.length, nodes().length);
    const opened = 'sum(culvert_connection_opened_total{kind="connect"})';
    const before = (await prometheus.value(opened)) ?? 0;
    const tunnel = await TunnelClient.open(agent.proxy, authority());
    tunnel.close();
    await eventually('the connection is counted', async () => (await prometheus.value(opened)) === before + 1);
  });

  it('an incident makes an alert fire, which clears after it', async () => {
    assert.ok(!(await firing()).includes(BURN), 'before the incident');
    const tunnel = await TunnelClient.open(agent.proxy, authority());
    for (const { id } of cluster.workers) test.expectExit(id);
    await Promise.all(cluster.workers.map((worker) => worker.kill('SIGKILL')));
    const use = () => getVia(agent.proxy, target());
    await whileUsed(USERS, use, async () => {
      await eventually('the alert fires', async () => (await firing()).includes(BURN), 30_000);
      await tunnel.closed; // its resume window is over
      await cluster.workers[0]?.start();
      await eventually('it answers again', async () => (await getVia(agent.proxy, target())).body === WORDS);
      await eventually('the alert is over', async () => !(await firing()).includes(BURN), 30_000);
    });
    const [gateway] = cluster.gateways;
    assert.ok(gateway);
    assert.equal(sampleOf(await scrape(gateway), 'culvert_connection_lost_total', { reason: 'resume_expired' }), 1);
  });

  /** Everything that the roles count, once at least. */
  async function useEverything(): Promise<void> {
    const { api } = cluster;
    const owner = cluster.workers.find(({ id }) => id === agent.node);
    const other = cluster.workers.find(({ id }) => id !== agent.node);
    assert.ok(owner && other);
    const { username, password } = credentialsOf(agent.proxy);
    const direct = withCredentials(owner.address('proxy'), username, password);
    for (const proxy of [agent.proxy, direct]) {
      assert.equal((await getVia(proxy, target())).body, WORDS);
      assert.equal((await getVia(proxy, 'http://elsewhere.internal/')).code, 'target_denied');
    }
    // Both go on while the session moves away from under them.
    const tunnels = await Promise.all([agent.proxy, direct].map((proxy) => TunnelClient.open(proxy, authority())));
    await api.call('POST', `/nodes/${owner.id}/drain`);
    await eventually('the session has moved', async () => (await ownerOf()) === other.id);
    for (const tunnel of tunnels) await tunnel.expect(WORDS);
    const waited = await scrape(owner);
    assert.equal(sampleOf(waited, 'culvert_worker_cordoned'), 1);
    assert.ok((sampleOf(waited, 'culvert_drain_oldest_busy_age_seconds') ?? 0) > 0);
    for (const tunnel of tunnels) tunnel.close();
    await api.call('POST', `/nodes/${owner.id}/uncordon`);
    await api.call('GET', `/sessions/${agent.sessionId}/route`);
    await refusePlacement();
    const { id } = await api.call<{ id: string }>('POST', '/deployments/rehearse', { body: { node: other.id } });
    await eventually(
      'the rehearsal is over',
      async () => {
        const { state } = await api.call<{ state: string }>('GET', `/deployments/${id}`);
        assert.ok(!['failed', 'rejected', 'paused'].includes(state), `the rehearsal is ${state}`);
        return state === 'succeeded';
      },
      30_000,
    );
  }

  /** There is no worker in the pool that this tenant is pinned to. */
  async function refusePlacement(): Promise<void> {
    const { api } = cluster;
    await api.call('POST', '/tenants', { body: { id: 'nowhere' } });
    await api.call('PUT', '/tenants/nowhere/pin', { body: { pool: 'empty' } });
    const nowhere = await createKey(api, 'nowhere', 'agent', 'test');
    const refused = await new ApiClient(api.url, nowhere.key).request('POST', '/sessions', { body: {} });
    assert.equal(refused.status, 503);
  }

  async function firing(): Promise<string[]> {
    return (await prometheus.alerts()).flatMap(({ state, labels }) =>
      state === 'firing' ? [String(labels.alertname)] : [],
    );
  }

  async function ownerOf(): Promise<string | null> {
    return (await cluster.api.call<{ node: string | null }>('GET', `/sessions/${agent.sessionId}`)).node;
  }

  function nodes(): ManagedProcess[] {
    return [...cluster.apis, ...cluster.gateways, ...cluster.workers, ...cluster.deployers];
  }

  /** The text of each node of a role. */
  function textsOf(role: string): Promise<string[]> {
    const of = nodes().filter((node) => node.spec.role === role);
    return Promise.all(of.map(async (node) => (await fetch(`${node.address('admin')}/metrics`)).text()));
  }

  async function scrape(node: ManagedProcess): Promise<Map<string, Family>> {
    return parseExposition(await (await fetch(`${node.address('admin')}/metrics`)).text());
  }
});
