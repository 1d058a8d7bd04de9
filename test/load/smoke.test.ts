import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { openCluster, type TestCluster } from '../support/with-cluster.ts';
import { EXIT, type KindCounts, type LoadResult, type LoadScript, runLoad } from './lib/index.ts';
import * as smoke from './smoke.ts';

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

describe('load tests', () => {
  let test: TestCluster;
  let out: string;
  before(async () => {
    out = mkdtempSync(join(tmpdir(), 'culvert-load-'));
    test = await openCluster({ workers: 2 });
  });
  after(async () => {
    rmSync(out, { recursive: true, force: true });
    await test.end();
  });

  it('smoke: every way through works, and what clients counted is what the private app has seen', async () => {
    const result = await runLoad(smoke, test.cluster, { name: 'smoke' });
    const broken = result.thresholds.filter(({ ok }) => !ok);
    assert.deepEqual(
      { broken, errors: result.errors, aborted: result.aborted },
      { broken: [], errors: [], aborted: null },
    );
    assert.equal(result.exitCode, EXIT.ok);
    const kinds: KindCounts[] = Object.values(result.counts.connections);
    for (const { attempted, opened, finished } of kinds) assert.deepEqual([opened, finished], [attempted, attempted]);
    assert.equal(
      result.counts.agents.accepted,
      kinds.reduce((total, { opened }) => total + opened, 0),
    );
  });

  it('what is refused, and what is lost, is counted by its code and breaks its threshold', async () => {
    const [worker] = test.cluster.workers;
    assert.ok(worker);
    const script: LoadScript = {
      options: {
        agents: 1,
        vus: 1,
        iterations: 1,
        thresholds: { http_req_failed: ['rate==0'], connections_lost: ['count==0'] },
      },
      default: async (vu) => {
        const id = vu.session?.sessionId ?? '';
        const tunnel = await vu.connect(async (conversation) => {
          await conversation.talk({ for: '200ms', every: '50ms' });
          await vu.api.call('DELETE', `/sessions/${id}?force=true`);
          await conversation.talk({ for: '10s', every: '50ms' });
        });
        vu.check(tunnel, { 'the tunnel held': ({ lost }) => lost === undefined });
        await vu.http.get('/hello');
        await vu.connect(async () => undefined);
      },
    };
    const { counts, exitCode, thresholds, checks } = await runLoad(script, test.cluster);
    const { connect, http } = counts.connections;
    assert.equal(exitCode, EXIT.thresholds);
    assert.deepEqual(
      thresholds.map(({ ok }) => ok),
      [false, false],
    );
    assert.deepEqual(
      checks.map(({ fails }) => fails),
      [1],
    );
    assert.deepEqual([connect.attempted, connect.opened, sum(connect.lost), connect.finished], [2, 1, 1, 0]);
    assert.deepEqual([connect.failed, http.failed], [{ session_offline: 1 }, { session_offline: 1 }]);
    assert.equal(counts.agents.accepted, 1);
  });

  it('by command: exits 99 when a threshold does not hold, with a summary and a report', async () => {
    const { url } = test.cluster.api;
    const root = join(import.meta.dirname, '../..');
    const line = [process.execPath, 'test/load/main.ts', 'test/load/lib/testing/impossible.ts', '--out', out] as const;
    await using command = new Command([...line], {
      cwd: root,
      env: { CULVERT_API: url, CULVERT_KEY: test.cluster.adminKey },
    });
    const { code } = await command.ended();
    assert.equal(code, EXIT.thresholds, command.output);
    assert.match(command.output, /✗ 'max<0\.001' max=/);
    assert.match(command.output, /✓ hello is answered/);
    const summary: LoadResult = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    assert.deepEqual([summary.name, summary.exitCode, summary.counts.agents.accepted], ['impossible', 99, 1]);
    assert.match(readFileSync(join(out, 'report.html'), 'utf8'), /failed \(exit code 99\)/);
  });
});
