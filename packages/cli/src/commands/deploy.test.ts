import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { MaintenanceWindow, Receipt, Schedule } from '@culvert/contracts';
import { ClusterSecret, signReceipt } from '@culvert/service';
import { type DeployStub, startDeployStub } from '../testing/deploy-stub.ts';
import { deployment, entry, after as since } from '../testing/deployment-fixtures.ts';

const SECRET = 'x'.repeat(32);
const receipt = signReceipt(ClusterSecret.parse(SECRET), {
  ...{ id: 'd_1', version: '2.0.0', role: 'worker', pool: 'default', strategy: 'rolling', policy: 'move' },
  ...{ state: 'succeeded', startedAt: since(0), finishedAt: since(25), nodes: [], sessions: [] },
  totals: {
    ...{ sessions: 0, movedSessions: 0, closedIdle: 0, connectionsMoved: 0, connectionsFinished: 0 },
    ...{ connectionsLost: 0, bytesReplayed: 0, gapMs: { p50: 0, p99: 0, max: 0 } },
  },
});
const schedule: Schedule = {
  ...{ id: 'nightly', cron: '0 3 * * *', timezone: 'UTC', rehearsal: { node: 'worker-1' }, deployment: null },
  ...{ createdAt: since(0), nextAt: null, lastAt: null, lastDeployment: null, lastError: 'd_9 is under way' },
};
const maintenance: MaintenanceWindow = {
  ...{ id: 'sunday', cron: '0 22 * * 0', timezone: 'UTC', forMs: 7_200_000, pool: null, open: false },
  ...{ opensAt: null, closesAt: null },
};

describe('culvert deploy', { timeout: 60_000 }, () => {
  let stub: DeployStub;
  const deploy = (...args: string[]) => stub.culvert('deploy', ...args);
  const others = [
    deployment({ id: 'd_ab3', state: 'pending' }),
    deployment(),
    deployment({ id: 'd_ab2', state: 'failed' }),
  ];

  before(async () => {
    stub = await startDeployStub();
  });
  beforeEach(() => {
    stub.calls.length = 0;
    stub.looks = [];
    stub.answers.clear();
    stub.answers.set('GET /deployments', { items: others, next: null });
  });
  after(() => stub[Symbol.asyncDispose]());

  it('lists deployments, from as many pages as it takes', async () => {
    const { stdout } = await deploy('ls');
    assert.match(stdout, /^DEPLOYMENT +STATE +VERSION +ROLE +POOL +STRATEGY +POLICY +NODES +BEGAN +TOOK +REASON\n/);
    assert.match(stdout, /\nd_ab3 +pending +2\.0\.0 +worker +default +rolling +move +0\/2 +/);
    const json = await deploy('ls', '--json', '--limit', '200');
    assert.deepEqual(JSON.parse(json.stdout), { items: others, next: null });
    assert.deepEqual(stub.calls, ['GET /deployments?limit=20', 'GET /deployments?limit=100']);
    assert.equal((await deploy('ls', '--limit', '0')).code, 2);
  });

  it('finds one by the beginning of its id, and says when that is not enough', async () => {
    const refusal = { status: 404, code: 'deployment_not_found', detail: 'There is no such deployment.' };
    for (const id of ['d_ab', 'ab2', 'd_c']) stub.answers.set(`GET /deployments/${id}`, refusal);
    assert.match((await deploy('show', 'ab2')).stdout, /^deployment +d_ab2\n/);
    assert.match((await deploy('show', 'd_ab')).stderr, /^culvert: d_ab may be d_ab3, d_ab2 .*\nFix: Give more/);
    assert.match((await deploy('show', 'd_c')).stderr, /^culvert: there is no deployment d_c .*\nFix: .*deploy ls/);
  });

  it('shows the one under way, or else the last one', async () => {
    assert.match((await deploy('show')).stdout, /^deployment +d_1\n/);
    assert.deepEqual(JSON.parse((await deploy('show', '--json')).stdout), deployment());
    stub.answers.set('GET /deployments', { items: others.slice(2), next: null });
    assert.match((await deploy('show')).stdout, /^deployment +d_ab2\n/);
    const none = await deploy('pause');
    assert.deepEqual(
      [none.code, none.stderr.split('\n')[0]],
      [1, 'culvert: no deployment is under way (deployment_not_found)'],
    );
  });

  it('says why not now', async () => {
    const why = { id: 'd_1', state: 'running', at: since(9), summary: 'it moves sessions', reasons: [] };
    stub.answers.set('GET /deployments/d_1/why', why);
    assert.equal((await deploy('why')).stdout, 'd_1, running: it moves sessions\n');
    assert.deepEqual(JSON.parse((await deploy('why', 'd_1', '--json')).stdout), why);
  });

  it('tells it something, and says what it did', async () => {
    const { events } = deployment();
    stub.looks = [{}, { state: 'paused', events: [...events, entry(9, 'paused by root', { kind: 'command' })] }];
    const { code, stdout } = await deploy('pause');
    assert.deepEqual([code, stdout], [0, 'd_1: paused by root\nd_1 is paused. Look at it: culvert deploy watch d_1\n']);
    assert.equal(stub.calls[1], 'POST /deployments/d_1/pause {}');
  });

  it('has a command for each that a deployment takes', async () => {
    const done = { events: [entry(9, 'done', { kind: 'command' })] };
    const sent: [string[], string][] = [
      [['resume'], 'resume {}'],
      [['promote'], 'promote {}'],
      [['abort'], 'abort {}'],
      [['rollback'], 'rollback {}'],
      [['skip', '--node', 'worker-2'], 'skip {"node":"worker-2"}'],
      [['extend', '--by', '5m'], 'extend {"byMs":300000}'],
      [['force'], 'force {}'],
      [['force', '--node', 'worker-1'], 'force {"node":"worker-1"}'],
    ];
    for (const [[verb = '', ...flags], call] of sent) {
      stub.looks = [{ events: [] }, done];
      stub.answers.set(`POST /deployments/d_1/${verb}`, deployment(done));
      assert.equal((await deploy(verb, 'd_1', ...flags, '--json')).code, 0);
      assert.ok(stub.calls.includes(`POST /deployments/d_1/${call}`), call);
    }
    assert.equal((await deploy('skip', 'd_1')).code, 2, 'skip names its node');
    assert.equal((await deploy('extend', 'd_1', '--by', 'more')).code, 2);
  });

  it('shows a receipt, and checks its signature', async () => {
    stub.answers.set('GET /deployments/d_1/receipt', receipt);
    assert.match((await deploy('receipt')).stdout, /^d_1: 2\.0\.0 for 0 workers .*\n0 sessions touched/);
    assert.deepEqual(JSON.parse((await deploy('receipt', '--json')).stdout), receipt);
    assert.match((await deploy('receipt', '--csv')).stdout, /^id,tenant,.*\r\n$/);
    const before = process.env.CULVERT_SECRET;
    process.env.CULVERT_SECRET = SECRET;
    try {
      assert.equal((await deploy('receipt', '--verify')).code, 0);
      const changed: Receipt = { ...receipt, totals: { ...receipt.totals, connectionsMoved: 1 } };
      stub.answers.set('GET /deployments/d_1/receipt', changed);
      const wrong = await deploy('receipt', '--verify');
      assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
      assert.match(wrong.stderr, /the signature of the receipt of d_1 is wrong/);
    } finally {
      if (before === undefined) delete process.env.CULVERT_SECRET;
      else process.env.CULVERT_SECRET = before;
    }
  });

  it('makes, lists and deletes schedules', async () => {
    stub.answers.set('PUT /schedules/nightly', schedule);
    stub.answers.set('POST /schedules', { ...schedule, id: 'made', rehearsal: null, deployment: { version: '2.0.0' } });
    stub.answers.set('GET /schedules', { items: [schedule], next: null });
    const cron = ['--cron', '0 3 * * *'];
    const made = await deploy('schedule', 'add', 'nightly', ...cron, '--rehearse', '--node', 'worker-1');
    assert.equal(made.stdout, 'nightly: rehearsal on worker-1, at 0 3 * * * (UTC)\n');
    const release = ['--version', '2.0.0', '--in-window', '--timezone', 'Europe/Berlin'];
    const begun = await deploy('schedule', 'add', ...cron, ...release);
    assert.equal(begun.stdout, 'made: 2.0.0 for the workers of pool default, at 0 3 * * * (UTC)\n');
    assert.match(
      (await deploy('schedule', 'ls')).stdout,
      /\nnightly +0 3 \* \* \* +UTC +rehearsal on worker-1 .*d_9 is/,
    );
    assert.equal((await deploy('schedule', 'rm', 'nightly')).stdout, 'deleted nightly\n');
    assert.deepEqual(stub.calls, [
      'PUT /schedules/nightly {"cron":"0 3 * * *","rehearsal":{"node":"worker-1"}}',
      'POST /schedules {"cron":"0 3 * * *","timezone":"Europe/Berlin","deployment":{"version":"2.0.0","inWindow":true}}',
      ...['GET /schedules', 'DELETE /schedules/nightly'],
    ]);
    for (const flags of [[], ['--rehearse', '--version', '2'], ['--version', '2', '--node', 'worker-1']])
      assert.equal((await deploy('schedule', 'add', 'x', ...cron, ...flags)).code, 2, flags.join(' '));
  });

  it('makes, lists and deletes maintenance windows', async () => {
    stub.answers.set('PUT /windows/sunday', maintenance);
    stub.answers.set('GET /windows', { items: [maintenance], next: null });
    const made = await deploy('window', 'add', 'sunday', '--cron', '0 22 * * 0', '--for', '2h');
    assert.equal(made.stdout, 'sunday: 0 22 * * 0 (UTC) for 2 h, every pool; it is closed, opens -\n');
    assert.match((await deploy('window', 'ls')).stdout, /\nsunday +closed +0 22 \* \* 0 +UTC +2 h +every one +- +-\n/);
    assert.equal((await deploy('window', 'rm', 'sunday', '--json')).stdout, '{"deleted":"sunday"}\n');
    assert.deepEqual(stub.calls, [
      'PUT /windows/sunday {"cron":"0 22 * * 0","forMs":7200000}',
      ...['GET /windows', 'DELETE /windows/sunday'],
    ]);
    assert.equal((await deploy('window', 'add', 'x', '--cron', '0 22 * * 0', '--for', '1s')).code, 2);
  });
});
