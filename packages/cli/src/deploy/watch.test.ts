import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { Deployment, DeploymentReason } from '@culvert/contracts';
import type { Output } from '../output.ts';
import { busySessions, deployment } from '../testing/deployment-fixtures.ts';
import { watchDeployment } from './watch.ts';

interface Api {
  look(): Partial<Deployment>;
  reasons?: readonly DeploymentReason[];
}

/** Watches until it ends; what was written, and its exit code. */
async function watch({ look, reasons = [] }: Api, { json = false, terminal = false, pausedMs = 20 } = {}) {
  let [stdout, stderr] = ['', ''];
  const out: Output = { write: (text) => (stdout += text) };
  const api = {
    call: async <T>(_method: string, path: string) => (path.endsWith('/why') ? { reasons } : deployment(look())) as T,
  };
  const context = {
    stdout: terminal ? Object.assign(out, { isTTY: true, columns: 80, rows: 24 }) : out,
    stderr: { write: (text: string) => (stderr += text) },
  };
  const options = { json, timeoutMs: 10_000, pollMs: 1, pausedMs };
  const code = await watchDeployment(api, deployment(), options, context).then(
    () => 0,
    (error: unknown) => {
      if (error instanceof Error && 'exitCode' in error) return Number(error.exitCode);
      throw error;
    },
  );
  return { code, stdout: stdout.replaceAll('\u001b[', '^'), stderr };
}

describe('watching a deployment', { timeout: 30_000 }, () => {
  it('ends when it waits for a person, and nobody is there', async () => {
    const paused = await watch({ look: () => ({ state: 'paused', reason: 'the deadline has come' }) });
    assert.equal(paused.code, 5);
    assert.match(paused.stdout, /\nd_1 waits for a person, paused: the deadline has come\n$/);
    const json = await watch({ look: () => ({ state: 'paused' }) }, { json: true });
    assert.deepEqual([json.code, JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '').state], [5, 'paused']);
    const held = [busySessions({ node: null, step: null, code: 'held' })];
    assert.equal((await watch({ look: () => ({}), reasons: held })).code, 5);
  });

  it('waits for a pause to end that a resume was given for, and at a terminal for every one', async () => {
    let looks = 0;
    const paused = () => ({ state: looks++ < 3 ? 'paused' : 'succeeded' }) as const;
    assert.equal((await watch({ look: paused }, { pausedMs: 60_000 })).code, 0);
    const began = performance.now();
    const long = () => ({ state: performance.now() - began < 60 ? 'paused' : 'rolled_back' }) as const;
    assert.equal((await watch({ look: long }, { terminal: true })).code, 4);
  });

  it('draws where a person sits, and leaves the cursor as it was', async () => {
    const { stdout } = await watch({ look: () => ({ state: 'succeeded' }) }, { terminal: true });
    assert.match(stdout, /^\^\?25l.*worker-1 .*\^\?25hd_1 succeeded\. .* culvert deploy receipt d_1\n$/s);
  });

  it('stops following at a signal, and says that it goes on', async () => {
    const signal = setTimeout(() => process.emit('SIGHUP', 'SIGHUP'), 20);
    const { code, stdout } = await watch({ look: () => ({}) }, { terminal: true });
    clearTimeout(signal);
    assert.equal(code, 130);
    assert.match(stdout, /\^\?25hd_1 goes on\. Look at it again: culvert deploy watch d_1\n$/);
    assert.equal(process.listenerCount('SIGHUP'), 0);
  });

  it('shows the cursor again when it ends with an error', async () => {
    let stdout = '';
    const terminal = { write: (text: string) => (stdout += text), isTTY: true, columns: 80, rows: 24 };
    const api = { call: () => Promise.reject(new CulvertError('key_revoked')) };
    const context = { stdout: terminal, stderr: terminal };
    const watching = watchDeployment(api, deployment(), { json: false, timeoutMs: 1_000, pollMs: 1 }, context);
    await assert.rejects(watching, { code: 'key_revoked' });
    assert.ok(stdout.endsWith('\u001b[?25h'));
  });
});
