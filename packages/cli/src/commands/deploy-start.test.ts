import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { begun, type DeployStub, startDeployStub } from '../testing/deploy-stub.ts';
import { deployment, entry, after as since } from '../testing/deployment-fixtures.ts';

describe('culvert deploy start, rehearse and watch', { timeout: 60_000 }, () => {
  let stub: DeployStub;
  const deploy = (...args: string[]) => stub.culvert('deploy', ...args);
  const start = (...args: string[]) => deploy('start', '--version', '2.0.0', ...args);
  const over = { finishedAt: since(24), nodes: [], events: [] };

  before(async () => {
    stub = await startDeployStub();
  });
  beforeEach(() => {
    stub.calls.length = 0;
    stub.looks = [];
    stub.answers.clear();
  });
  after(() => stub[Symbol.asyncDispose]());

  it('follows it to its end, a line for each change', async () => {
    const events = [entry(1, 'began', { kind: 'state' }), entry(24, 'worker-1 is replaced', { node: 'worker-1' })];
    stub.looks = [
      { nodes: [], events: events.slice(0, 1) },
      { ...over, state: 'succeeded', events },
    ];
    const { code, stdout, stderr } = await start();
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(stdout.split('\n'), [
      'd_1: 2.0.0 for the workers of pool default, rolling, move',
      '2026-01-01T00:00:01.000Z  began',
      '2026-01-01T00:00:24.000Z  worker-1: worker-1 is replaced',
      'd_1 succeeded after 24 s. What became of every session: culvert deploy receipt d_1',
      '',
    ]);
    assert.deepEqual(stub.calls, [
      'POST /deployments {"version":"2.0.0"}',
      ...['GET /deployments/d_1', 'GET /deployments/d_1/why', 'GET /deployments/d_1'],
    ]);
  });

  it('is an exit code by outcome, and for programs the last view', async () => {
    const outcomes = [
      ['succeeded', 0],
      ['failed', 1],
      ['rejected', 1],
      ['aborted', 3],
      ['rolled_back', 4],
    ] as const;
    for (const [state, expected] of outcomes) {
      stub.answers.set('POST /deployments', deployment({ ...over, state, reason: 'so it was' }));
      const { code, stdout, stderr } = await start('--json');
      assert.deepEqual([code, stderr, stdout.split('\n').length], [expected, '', 2], state);
      assert.equal(JSON.parse(stdout).state, state);
      const said = await start();
      assert.match(said.stdout, /\nd_1 \S+(?: \S+)?(?: \S+)? after 24 s: so it was/);
    }
  });

  it('asks for what the flags say, and nothing more', async () => {
    const sent = async (...args: string[]): Promise<unknown> => {
      assert.equal((await start('--detach', ...args)).code, 0);
      return JSON.parse(stub.calls.pop()?.replace('POST /deployments ', '') ?? '');
    };
    const version = '2.0.0';
    assert.deepEqual(
      await sent(
        ...['--role', 'worker', '--pool', 'blue', '--strategy', 'surge', '--policy', 'wait', '--batch', '2'],
        ...['--surge', '3', '--deadline', '5m', '--on-deadline', 'abort', '--analyze', '10s', '--hold', '--queue'],
        ...['--in-window', '--provider', 'exec'],
      ),
      {
        ...{ version, role: 'worker', pool: 'blue', strategy: 'surge', policy: 'wait', batch: 2, surge: 3 },
        ...{ deadlineMs: 300_000, onDeadline: 'abort', analyzeMs: 10_000, hold: true, queue: true, inWindow: true },
        provider: { kind: 'exec' },
      },
    );
    assert.deepEqual(await sent('--strategy', 'canary', '--canary-percent', '10'), {
      ...{ version, strategy: 'canary', canary: { percent: 10, analyzeMs: 300_000 } },
    });
    assert.deepEqual(await sent('--strategy', 'canary', '--canary-tenants', 'a, b', '--analyze', '1m'), {
      ...{ version, strategy: 'canary', canary: { tenants: ['a', 'b'], analyzeMs: 60_000 } },
    });
    assert.deepEqual(await sent('--strategy', 'blue-green', '--keep-warm', '0s', '--directory', 'next'), {
      ...{ version, strategy: 'blue-green', keepWarmMs: 0, provider: { kind: 'process', directory: resolve('next') } },
    });
  });

  it('only begins it with --detach', async () => {
    const { stdout } = await start('--detach');
    assert.deepEqual(stdout.split('\n'), [
      'd_1: 2.0.0 for the workers of pool default, rolling, move; it is pending',
      'Look at it: culvert deploy watch d_1',
      '',
    ]);
    assert.deepEqual(stub.calls, ['POST /deployments {"version":"2.0.0"}']);
    const json = await start('--detach', '--json');
    assert.deepEqual(JSON.parse(json.stdout), begun);
  });

  it('only says what would happen with --dry-run', async () => {
    stub.answers.set('POST /deployments', deployment({ ...over, state: 'succeeded' }));
    const { code, stdout } = await start('--dry-run');
    assert.match(stdout, /WAVE +NODE(.|\n)+Nothing was touched/u);
    assert.deepEqual([code, stub.calls], [0, ['POST /deployments {"version":"2.0.0","dryRun":true}']]);
    stub.answers.set('POST /deployments', deployment({ ...over, state: 'rejected', reason: 'no room' }));
    const rejected = await start('--dry-run');
    assert.deepEqual([rejected.code, rejected.stdout.split('\n')[0]], [1, 'It could not begin: no room']);
  });

  it("repeats the API's words when it is refused", async () => {
    const refusal = { status: 409, code: 'deployment_active', detail: 'd_0 is under way.' };
    stub.answers.set('POST /deployments', refusal);
    const { code, stderr } = await start();
    assert.deepEqual([code, stderr], [1, 'culvert: d_0 is under way. (deployment_active)\n']);
  });

  it('refuses flags that make no sense, and then begins nothing', async () => {
    for (const flags of [
      ['--strategy', 'big-bang'],
      ['--batch', '0'],
      ['--deadline', 'soon'],
      ['--canary-percent', '1', '--canary-tenants', 'a'],
      ['--dry-run', '--detach'],
      ['--timeout', '0s'],
    ])
      assert.equal((await start(...flags)).code, 2, flags.join(' '));
    assert.equal((await deploy('start')).code, 2, 'without a version');
    assert.deepEqual(stub.calls, []);
    assert.match((await deploy('start', '--help')).stdout, /Exit code: 0 succeeded, 1 failed(.|\n)+4 rolled back/u);
  });

  it('rehearses', async () => {
    const about = deployment({ ...over, kind: 'rehearsal', state: 'succeeded' });
    stub.answers.set('POST /deployments/rehearse', { ...about, request: { ...about.request, node: 'worker-1' } });
    const { code, stdout } = await deploy('rehearse', '--node', 'worker-1', '--deadline', '30s');
    assert.deepEqual([code, stub.calls], [0, ['POST /deployments/rehearse {"node":"worker-1","deadlineMs":30000}']]);
    assert.match(stdout, /^d_1: rehearsal on worker-1\nd_1 succeeded after 24 s/);
  });

  it('joins the one under way, or shows how the last one ended', async () => {
    const items = [
      deployment({ id: 'd_3', state: 'pending' }),
      deployment(),
      deployment({ id: 'd_0', state: 'failed' }),
    ];
    stub.answers.set('GET /deployments', { items, next: null });
    stub.looks = [{ ...over, state: 'aborted' }];
    const { code, stdout } = await deploy('watch');
    assert.deepEqual([code, /\nd_1 was aborted after 24 s/.test(stdout)], [3, true]);
    stub.answers.set('GET /deployments', { items: items.slice(2), next: null });
    assert.match((await deploy('watch')).stdout, /\nd_0 failed/);
  });

  it('gives up following when the time is up, and says that it goes on', async () => {
    const { code, stderr } = await deploy('watch', 'd_1', '--timeout', '1s');
    assert.equal(code, 1);
    assert.match(stderr, /^culvert: d_1 is still running after 1\.0 s \(timeout\)\nFix: It goes on\./);
  });
});
