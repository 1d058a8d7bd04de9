import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { RegistryDifference, RegistryDifferenceList, RegistryStatus } from '@culvert/contracts';
import { type StubApi, startStubApi } from '../testing/stub-api.ts';

const whole: RegistryStatus = {
  ...{ available: true, reason: null, round: 'r', recovering: false, since: '2026-01-01T00:00:00.000Z' },
  ...{ server: 'f', sessions: 4, nodes: 3 },
};
const checked = { sessions: 4, workers: 1, unsettled: 0 };
const same: RegistryDifferenceList = { checked, recovering: false, total: 0, items: [], next: null };
const missing: RegistryDifference = {
  ...{ kind: 'missing', severity: 'error', session: 's_1', workers: ['w1'], directory: 'has no entry' },
  ...{ truth: 'w1 has it, idle, epoch 5', advice: 'Gateways do not find it.' },
};
const vacant: RegistryDifference = {
  ...{ kind: 'vacant', severity: 'information', session: 's_2', workers: [], directory: 'says that its owner is gone' },
  ...{ truth: 'nobody has it', advice: 'Nothing is needed.' },
};
const silent: RegistryDifference = {
  ...{ kind: 'unreachable', severity: 'error', session: null, workers: ['w1'], directory: 'has w1 as alive' },
  ...{ truth: 'w1 does not tell its sessions', advice: 'Is it there?' },
};

describe('culvert doctor --registry', () => {
  let status = whole;
  let answer: { code: number; body: unknown } = { code: 200, body: same };
  let asked: string[] = [];
  let stub: StubApi;

  before(async () => {
    stub = await startStubApi((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const { code, body } = request.url === '/v1/registry' ? { code: 200, body: status } : answer;
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  beforeEach(() => {
    asked = [];
    status = whole;
    answer = { code: 200, body: same };
  });
  after(() => stub[Symbol.asyncDispose]());

  const doctor = async (...flags: string[]) => {
    const run = await stub.culvert('doctor', '--registry', ...flags);
    return { ...run, lines: stripVTControlCharacters(run.stdout).split('\n').slice(0, -1) };
  };

  it('says what was compared, and nothing else when all agree', async () => {
    const { code, lines, stderr } = await doctor();
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(lines, ['✓ registry: 4 sessions compared with the word of 1 worker']);
    assert.deepEqual(asked, ['GET /v1/registry', 'GET /v1/registry/differences']);
  });

  it('has a line for each difference, and exit code 1', async () => {
    answer = { code: 200, body: { ...same, total: 3, items: [missing, silent, vacant] } };
    const { code, lines } = await doctor();
    assert.equal(code, 1);
    assert.deepEqual(lines, [
      '✗ registry: 4 sessions compared with the word of 1 worker',
      '✗ missing      s_1  the registry has no entry; w1 has it, idle, epoch 5 → Gateways do not find it.',
      '✗ unreachable  the registry has w1 as alive; w1 does not tell its sessions → Is it there?',
      '- vacant       s_2  the registry says that its owner is gone; nobody has it → Nothing is needed.',
    ]);
  });

  it('is content with what goes away by itself', async () => {
    answer = { code: 200, body: { ...same, total: 1, items: [vacant] } };
    const { code, lines } = await doctor();
    assert.deepEqual([code, lines.length, lines[0]?.[0]], [0, 2, '✓']);
  });

  it('says what the list leaves out, what kept changing, and that Redis is being told again', async () => {
    answer = {
      code: 200,
      body: { ...same, recovering: true, checked: { ...checked, unsettled: 2 }, total: 1_001, items: [missing] },
    };
    const text = (await doctor()).lines.join('\n');
    assert.match(text, /^- 1000 more differences are not listed\.$/m);
    assert.match(text, /^- 2 differences changed while .*: run this again\.$/m);
    assert.match(text, /^- Redis lost data, .*: run this again in some seconds\.$/m);
  });

  it('is not content while it is recovering, or no worker answers', async () => {
    answer = { code: 200, body: { ...same, recovering: true } };
    assert.equal((await doctor()).code, 1);
    answer = { code: 200, body: { ...same, checked: { ...checked, workers: 0 } } };
    const { code, lines } = await doctor();
    assert.deepEqual([code, lines.at(-1)], [1, '- No worker answered: nothing is proved.']);
  });

  it('answers programs with one line', async () => {
    answer = { code: 200, body: { ...same, total: 1, items: [missing] } };
    const { code, stdout } = await doctor('--json');
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout), { ok: false, status: whole, differences: answer.body });
    answer = { code: 200, body: same };
    assert.deepEqual(JSON.parse((await doctor('--json')).stdout), { ok: true, status: whole, differences: same });
  });

  it('does not compare what cannot be read', async () => {
    status = { ...whole, available: false, reason: 'connect ECONNREFUSED' };
    const { code, lines } = await doctor();
    assert.deepEqual([code, lines], [1, ["✗ the registry can't be read: connect ECONNREFUSED"]]);
    assert.deepEqual(asked, ['GET /v1/registry']);
  });

  it("repeats the API's words when it does not finish", async () => {
    answer = { code: 504, body: { code: 'timeout', detail: 'comparing did not finish within 30000 ms' } };
    const { code, stderr } = await doctor();
    assert.equal(code, 1);
    assert.match(stderr, /comparing did not finish within 30000 ms \(timeout\)/);
  });
});
