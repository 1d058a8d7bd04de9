import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeView } from '../testing/node-view.ts';
import { healthIn } from './health.ts';

const ok = { level: 'ok', reasons: [] };

describe('how a node is to be taken', () => {
  it('is well when its beats come, it is ready and has room, also when it tells nothing new', () => {
    const node = nodeView('w1', { leaseAgeMs: 2_900, sessions: 89 });
    assert.deepEqual(healthIn([node])(node), ok);
  });

  it('follows its state', () => {
    const of = (state: Parameters<typeof nodeView>[1]) => {
      const node = nodeView('w1', state);
      const { level, reasons } = healthIn([node])(node);
      return `${level} ${reasons.join('; ')}`;
    };
    assert.equal(of({ state: 'dead', leaseAgeMs: 7_400 }), 'bad dead: its last beat came 7 s ago');
    assert.match(of({ state: 'suspect' }), /^bad suspect/);
    for (const state of ['booting', 'cordoned', 'draining', 'empty'] as const) assert.match(of({ state }), /^warn \S/);
    assert.equal(of({ state: 'cordoned', cordoned: true }), of({ state: 'cordoned' }), 'said once');
    assert.equal(of({ state: 'suspect', cordoned: true }).split('; ').length, 2);
  });

  it('is doubtful when a beat is missing, and when it is nearly full', () => {
    const late = nodeView('w1', { leaseAgeMs: 4_200 });
    const told = { level: 'warn', reasons: ['its last beat came 4 s ago; one is due every 2 s'] };
    assert.deepEqual(healthIn([late])(late), told);
    const nodes = [nodeView('w1', { sessions: 90 }), nodeView('w2', { sessions: 100 })];
    const health = healthIn(nodes);
    assert.deepEqual(
      nodes.map((node) => health(node)),
      [
        { level: 'warn', reasons: ['nearly full: 90 of 100 sessions'] },
        { level: 'warn', reasons: ['full: 100 of 100 sessions'] },
      ],
    );
    const gateway = nodeView('g1', { role: 'gateway', capacity: 0 });
    assert.deepEqual(healthIn([gateway])(gateway), ok, 'who takes no sessions is not full');
  });

  it('is bad when its checks fail; on its way in or out that is no surprise', () => {
    const problems = ['disk: no space', 'loop: slow'];
    const of = (node = nodeView('w1', { problems })) => healthIn([node])(node);
    assert.deepEqual(of(), { level: 'bad', reasons: problems });
    assert.equal(of(nodeView('w1', { problems, state: 'booting' })).level, 'warn');
    const full = of(nodeView('w1', { problems: ['disk: no space'], sessions: 100 }));
    assert.deepEqual(full.reasons, ['disk: no space', 'full: 100 of 100 sessions'], 'the worst first');
  });

  it('tells of a version unlike the others of its role, as nothing to worry about', () => {
    const odd = nodeView('w3', { version: '2' });
    const others = [nodeView('w1'), nodeView('w2'), nodeView('g1', { role: 'gateway', version: '2' })];
    assert.deepEqual(healthIn([...others, odd])(odd), {
      level: 'ok',
      reasons: ['runs 2; most of the role worker run 1'],
    });
    for (const node of others) assert.deepEqual(healthIn([...others, odd])(node), ok);
    const half = [nodeView('w1'), odd];
    for (const node of half) assert.deepEqual(healthIn(half)(node), ok, 'half of them are not most');
    const dead = nodeView('w2', { state: 'dead' });
    assert.deepEqual(healthIn([dead, ...half])(odd), ok, 'the dead do not count');
  });
});
