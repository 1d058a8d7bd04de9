import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withDeadline } from '@culvert/base';
import { createProgram, reportFailure } from '@culvert/cli';
import type { ChaosRun, FailureRehearsal, NodeChaos, Session } from '@culvert/contracts';
import { createKey, ensureTenant } from '@culvert/local';
import { rootAdminKey } from '@culvert/service';
import { type ServingAgent, serveWith } from '../support/agent-process.ts';
import { Traffic } from '../support/chaos/traffic.ts';
import { Command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { startHelloApp } from '../support/hello-app.ts';
import { TunnelClient } from '../support/tunnel-client.ts';
import { CULVERT_ENTRY, openCluster, type TestCluster } from '../support/with-cluster.ts';

const HOST = 'app.internal';
const TENANT = 'rehearsing';
/** A short run shares the machine with who knows what: only a gap, or a recovery, of another kind is a fault. */
const PATIENCE = ['--max-gap', '20s', '--max-recovery', '30s'];
const END_MS = 60_000;

interface Said {
  readonly code: number | null;
  readonly output: string;
}

describe('culvert chaos', { timeout: 180_000 }, () => {
  let test: TestCluster;
  let agent: ServingAgent;
  let traffic: Traffic;

  before(async () => {
    test = await openCluster({ workers: 2, gateways: 1, chaos: true, restart: true });
    const { api } = test.cluster;
    await ensureTenant(api, TENANT);
    const { key } = await createKey(api, TENANT, 'agent', 'of the rehearsals');
    agent = await serveWith(test.cluster, { key, name: 'app', allow: [HOST], hosts: { [HOST]: '127.0.0.1' } });
    traffic = await Traffic.start({ ways: { gateway: agent.proxy }, host: HOST, seed: 7 });
    // Only what the cases open themselves is to be counted.
    await traffic.stopOpening();
  });
  after(async () => {
    const tally = await traffic.finish();
    await traffic[Symbol.asyncDispose]();
    await test.end();
    assert.deepEqual({ lost: tally.lost, wrongBytes: tally.wrongBytes }, { lost: [], wrongBytes: 0 });
  });

  /** The command in this process: only the first case waits for the start of another. */
  async function culvert(...args: string[]): Promise<Said> {
    const { api, adminKey } = test.cluster;
    const said: string[] = [];
    const out = { write: (text: string) => said.push(text) };
    const program = createProgram({ entry: CULVERT_ENTRY, stdout: out, stderr: out });
    const line = ['chaos', ...args, '--api', api.url, '--key', adminKey];
    const code = await withDeadline(END_MS, line.join(' '), () =>
      program.parseAsync(line, { from: 'user' }).then(
        () => 0,
        (error: unknown) => reportFailure(error, out),
      ),
    );
    return { code, output: said.join('') };
  }

  async function culvertProcess(...args: string[]): Promise<Said> {
    const { api, adminKey } = test.cluster;
    const env = { CULVERT_API: api.url, CULVERT_KEY: adminKey };
    await using command = new Command([process.execPath, CULVERT_ENTRY, 'chaos', ...args], { cwd: process.cwd(), env });
    const { code } = await command.ended(END_MS);
    return { code, output: command.output };
  }

  /** One rehearsal through the command, and its report as programs get it. */
  async function rehearse(...args: string[]): Promise<ChaosRun> {
    const { code, output } = await culvert(...args, ...PATIENCE, '--json');
    const line = output.split('\n').find((one) => one.startsWith('{'));
    assert.ok(line !== undefined, output);
    const run = JSON.parse(line) as ChaosRun;
    assert.deepEqual([run.state, code], ['passed', 0], output);
    assert.deepEqual([run.figures.lost, run.figures.sessions.lost, run.figures.settingsLost], [0, 0, 0]);
    await traffic.passed();
    return run;
  }

  const owner = async (): Promise<string> => {
    const { node } = await test.cluster.api.call<Session>('GET', `/sessions/${agent.sessionId}`);
    assert.ok(node !== null);
    return node;
  };

  const stateOf = async (admin: string): Promise<NodeChaos> => {
    const headers = { authorization: `Bearer ${rootAdminKey(test.cluster.secret)}` };
    return (await (await fetch(`${admin}/chaos`, { headers })).json()) as NodeChaos;
  };

  it('kills the owner: every connection goes on, and the worker comes back', async () => {
    const id = await owner();
    test.expectExit(id);
    const { code, output } = await culvertProcess('kill', id, ...PATIENCE);
    assert.equal(code, 0, output);
    assert.match(output, /verdict +passed/);
    assert.match(output, new RegExp(`kill ${id} +recovered +\\S+ m?s +${id}`));
    const [run] = (await test.cluster.api.call<{ items: ChaosRun[] }>('GET', '/chaos')).items;
    assert.ok(run);
    await traffic.passed();
    assert.equal(run.figures.resumed, traffic.via('gateway').length, 'each connection lost its path once');
    assert.ok(run.figures.gapMs !== null && run.figures.gapMs.max > 0);
    assert.equal(run.figures.lost, 0);
    assert.equal(run.steps[0]?.nodes[0]?.cameBack, true);
  });

  it('slows links down: what it counts is what was opened', async () => {
    await using app = await startHelloApp('hello');
    const authority = `${HOST}:${app.port}`;
    const steps = [{ fault: { type: 'slow', target: { role: 'worker' }, what: 'links', byMs: 40, durationMs: 3_000 } }];
    const begun = await test.cluster.api.call<ChaosRun>('POST', '/chaos', {
      body: { steps: [...steps], limits: { rtoMs: 30_000, gapP99Ms: 20_000 } },
    });
    const look = () => test.cluster.api.call<ChaosRun>('GET', `/chaos/${begun.id}`);
    await eventually('the fault', async () => (await look()).steps[0]?.state === 'active');
    for (let i = 0; i < 12; i += 1) {
      const tunnel = await TunnelClient.open(agent.proxy, authority);
      await tunnel.expect('hello');
      tunnel.close();
    }
    const run = await eventually('its end', async () => {
      const seen = await look();
      return seen.state !== 'running' && seen;
    });
    assert.deepEqual([run.state, run.figures.opened, run.figures.failed, run.figures.lost], ['passed', 12, 0, 0]);
  });

  it('lets the owner stand still, and cuts it from Redis', async () => {
    const id = await owner();
    const frozen = await rehearse('freeze', id, '--for', '2s');
    assert.ok((frozen.steps[0]?.rtoMs ?? 0) >= 2_000, 'it was not well while it stood still');
    const cut = await rehearse('cut', await owner(), '--from', 'redis', '--for', '2s');
    assert.equal(cut.figures.resumed, 0, 'connections need no Redis');
  });

  it('restarts Redis empty: nothing is lost that the cluster knows', async () => {
    const run = await rehearse('restart-redis', '--empty');
    assert.ok(run.figures.historyLost > 0, 'the history is lost with the data');
    const { output } = await culvert('ls');
    assert.match(output, new RegExp(run.id));
    const { recovery } = await test.cluster.api.call<{ recovery: { failure: string }[] }>('GET', '/slo?window=1d');
    assert.ok(
      recovery.some(({ failure }) => failure === ('redis_restarted_empty' satisfies FailureRehearsal['failure'])),
    );
  });

  it('can be stopped, which ends the fault', async () => {
    const begun = await culvert('cut', 'worker', '--from', 'redis', '--for', '5m', '--no-wait');
    const [id] = /chaos_\w+/.exec(begun.output) ?? [];
    assert.ok(id, begun.output);
    assert.match((await culvert('kill', 'worker')).output, /chaos_active/);
    await culvert('stop');
    const run = await eventually('the end', async () => {
      const seen = await test.cluster.api.call<ChaosRun>('GET', `/chaos/${id}`);
      return seen.state !== 'running' && seen;
    });
    assert.equal(run.state, 'stopped');
  });

  it('leaves nothing cut, slow or frozen behind', async () => {
    const { workers, gateways, apis } = test.cluster;
    for (const process of [...workers, ...gateways, ...apis]) {
      assert.deepEqual(await stateOf(process.address('admin')), { allowed: true, active: null }, process.id);
    }
  });
});
