import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { busySessions, deployment, deploymentNode, entry } from '../testing/deployment-fixtures.ts';
import type { Look } from './follow.ts';
import { JsonTeller, LineTeller } from './tellers.ts';

const look = (given: Partial<Look> = {}): Look => ({
  deployment: deployment(),
  unmet: [],
  reasons: [],
  failure: null,
  ...given,
});

function output() {
  let text = '';
  return {
    write: (more: string) => (text += more),
    take: () => {
      const lines = text.split('\n').slice(0, -1);
      text = '';
      return lines;
    },
  };
}

describe('telling what is seen of a deployment', () => {
  it('is a line for whatever changed, where output can only grow', () => {
    const out = output();
    let ms = 0;
    const teller = new LineTeller(out, () => ms);
    teller.show(look());
    assert.deepEqual(out.take(), [
      'd_1: 2.0.0 for 2 workers of pool default, rolling, move',
      '2026-01-01T00:00:01.000Z  preflight: 2 workers, all healthy',
      '2026-01-01T00:00:09.000Z  worker-1: verified',
      'worker-1: 20 sessions left (5 busy), 55 gone',
    ]);
    teller.show(look());
    assert.deepEqual(out.take(), []);

    const { events } = deployment();
    const later = deployment({
      nodes: [deploymentNode('worker-1', { state: 'running', step: 'busy', sessions: 1, busy: 1 })],
      events: [...events, entry(11, 'asked to pause\u0007', { kind: 'command' })],
    });
    teller.show(look({ deployment: later }));
    assert.deepEqual(out.take(), ['2026-01-01T00:00:11.000Z  asked to pause·'], 'counts again within 2 s');
    ms = 2_000;
    teller.show(look({ deployment: later }));
    assert.deepEqual(out.take(), ['worker-1: 1 session left (1 busy), 74 gone']);
  });

  it('says once what it waits for, and that nothing is seen', () => {
    const out = output();
    const teller = new LineTeller(out);
    teller.show(look());
    out.take();
    const wait =
      'worker-1, busy waits: 2 sessions have connections; ends when: those end, or the deadline comes; held by ' +
      'ci of acme → app:443 (5 min, last byte 2.0 s ago, 1.2 KiB/s), s_2 of acme (1 min 1 s)';
    teller.show(look({ reasons: [busySessions()] }));
    teller.show(look({ reasons: [busySessions({ condition: '1 session has connections' })] }));
    assert.deepEqual(out.take(), [wait]);
    teller.show(look());
    teller.show(look({ reasons: [busySessions({ held: 9 })] }));
    assert.deepEqual(out.take(), [`${wait} and 7 more`]);
    const failure = new CulvertError('api_unreachable', 'no answer');
    for (const given of [{ failure }, { failure }, {}]) teller.show(look(given));
    assert.deepEqual(out.take(), ['nothing is seen of it: no answer; it goes on meanwhile', 'it is seen again']);
  });

  it('is the whole view for programs, at each change', () => {
    const out = output();
    const teller = new JsonTeller(out);
    for (const revision of [7, 8, 9]) teller.show(look({ deployment: deployment({ revision }) }));
    teller.show(look({ deployment: deployment({ state: 'succeeded', revision: 10 }) }));
    assert.deepEqual(
      out.take().map((line) => JSON.parse(line)),
      [deployment(), deployment({ state: 'succeeded', revision: 10 })],
    );
  });
});
