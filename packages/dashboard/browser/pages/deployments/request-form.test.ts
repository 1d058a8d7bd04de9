import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChosenId, type DeploymentBody, type DeploymentRequest, Version } from '@culvert/contracts';
import { Check } from 'typebox/value';
import { EMPTY_FORM, formOf, type Problems, type RequestForm, readForm } from './request-form.ts';
import { aDeployment } from './testing.ts';
import { cronProblem, durationProblem, idProblem, timezoneProblem } from './times-form.ts';

const form = (changed: Partial<RequestForm>): RequestForm => ({ ...EMPTY_FORM, version: '2.0.0', ...changed });

function bodyOf(changed: Partial<RequestForm>): DeploymentBody {
  const read = readForm(form(changed));
  assert.ok('body' in read, JSON.stringify(read));
  return read.body;
}

function problemsOf(changed: Partial<RequestForm>): Problems {
  const read = readForm(form(changed));
  assert.ok('problems' in read, JSON.stringify(read));
  return read.problems;
}

describe('the form of a deployment', () => {
  it('leaves to the API what nobody has said', () => {
    assert.deepEqual(bodyOf({}), {
      ...{ version: '2.0.0', role: 'worker', strategy: 'rolling', policy: 'move', onDeadline: 'pause' },
    });
  });

  it('says all that was said', () => {
    const body = bodyOf({
      ...{ pool: 'blue', batch: '2', analyze: '5s', deadline: '1h 30m', onDeadline: 'extend', policy: 'wait' },
      ...{ hold: true, queue: true, inWindow: true, directory: ' /srv/2.0.0 ' },
    });
    assert.deepEqual(body, {
      ...{ version: '2.0.0', role: 'worker', pool: 'blue', strategy: 'rolling', policy: 'wait', batch: 2 },
      ...{ analyzeMs: 5_000, deadlineMs: 5_400_000, onDeadline: 'extend', hold: true, queue: true, inWindow: true },
      provider: { kind: 'process', directory: '/srv/2.0.0' },
    });
  });

  it('reads only what the choice has a use for', () => {
    const all = { surge: 'many', keepWarm: 'long', canaryPercent: 'x', canaryTenants: '?' } as const;
    assert.equal(bodyOf(all).surge, undefined);
    assert.deepEqual(problemsOf({ ...all, strategy: 'surge' }), { surge: 'A whole number from 1 to 1000.' });
    assert.deepEqual(Object.keys(problemsOf({ ...all, strategy: 'blue-green' })), ['keepWarm']);
    assert.deepEqual(Object.keys(problemsOf({ ...all, strategy: 'canary' })), ['canaryPercent']);
    const gateway = bodyOf({ ...all, role: 'gateway', strategy: 'canary', analyze: '5m' });
    assert.deepEqual([gateway.strategy, gateway.analyzeMs, gateway.canary], [undefined, undefined, undefined]);
    assert.deepEqual(bodyOf({ provider: 'exec', directory: '/srv' }).provider, { kind: 'exec' });
  });

  it('has a canary of a share, or of tenants, watched for five minutes if nobody says otherwise', () => {
    assert.deepEqual(bodyOf({ strategy: 'canary', canaryPercent: '10' }).canary, { percent: 10, analyzeMs: 300_000 });
    const tenants = bodyOf({
      strategy: 'canary',
      canaryBy: 'tenants',
      canaryTenants: 'acme, globex acme',
      analyze: '2d',
    });
    assert.deepEqual(tenants.canary, { tenants: ['acme', 'globex'], analyzeMs: 172_800_000 });
    assert.deepEqual(problemsOf({ strategy: 'canary' }), { canaryPercent: 'Which share of new sessions does it get?' });
    assert.deepEqual(Object.keys(problemsOf({ strategy: 'canary', canaryPercent: '101' })), ['canaryPercent']);
    assert.deepEqual(Object.keys(problemsOf({ strategy: 'canary', canaryBy: 'tenants' })), ['canaryTenants']);
  });

  it('says what is wrong with which field, all at once', () => {
    const problems = problemsOf({ version: ' ', pool: 'Ü', batch: '0', analyze: '2h', deadline: '10' });
    assert.deepEqual(Object.keys(problems).sort(), ['analyze', 'batch', 'deadline', 'pool', 'version']);
    assert.equal(problems.version, 'Which version is to run?');
    assert.match(problemsOf({ version: '-2' }).version ?? '', /^1 to 64 letters/);
    assert.match(problems.deadline ?? '', /with its unit.*from 1s to 7d/);
  });

  it('takes the names that the API takes, and no others', () => {
    for (const name of [
      '2.1.0',
      '2',
      'v1+b_2-c',
      '-2',
      '2.',
      'a b',
      'Blue',
      'blue',
      `a${'b'.repeat(62)}`,
      'a'.repeat(65),
    ]) {
      const refused = (changed: Partial<RequestForm>): boolean => 'problems' in readForm(form(changed));
      assert.equal(refused({ version: name }), !Check(Version, name), name);
      assert.equal(refused({ pool: name }), !Check(ChosenId, name), name);
    }
  });

  it('is filled in from a deployment that was', () => {
    const { request } = aDeployment();
    const canary = { tenants: ['a', 'b'], analyzeMs: 90_000 };
    const whole: DeploymentRequest = { ...request, strategy: 'canary', canary };
    const again = readForm(formOf(whole, '1.0.0'));
    assert.ok('body' in again);
    assert.deepEqual([again.body.version, again.body.canary], ['1.0.0', whole.canary]);
    assert.deepEqual([again.body.deadlineMs, again.body.batch, again.body.pool], [600_000, 1, 'default']);
  });
});

describe('when something is to happen', () => {
  it('is five fields, in a time zone', () => {
    for (const fine of ['0 3 * * *', '*/5 22-23 1,15 * MON-FRI']) assert.equal(cronProblem(fine), undefined, fine);
    for (const wrong of ['', '0 3 * *', '0 0 3 * * *', '0 3 * * ;'])
      assert.match(cronProblem(wrong) ?? '', /Five fields/);
    assert.deepEqual(['', 'UTC', 'Europe/Berlin'].map(timezoneProblem), [undefined, undefined, undefined]);
    assert.match(timezoneProblem('Mars/Olympus') ?? '', /Europe/);
  });

  it('has a name, and lasts for a while', () => {
    assert.deepEqual([idProblem('nightly'), idProblem('', true)], [undefined, undefined]);
    assert.ok(idProblem('') && idProblem('Every night') && idProblem('-x', true));
    assert.equal(durationProblem('6h', 60_000, 86_400_000, 'no'), undefined);
    for (const wrong of ['6', '1s', '2d']) assert.equal(durationProblem(wrong, 60_000, 86_400_000, 'no'), 'no');
  });
});
