import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CulvertError } from '@culvert/base';
import type { Deployment } from '@culvert/contracts';
import { after, busySessions, deployment, deploymentNode, entry } from '../testing/deployment-fixtures.ts';
import type { Look } from './follow.ts';
import { rendered } from './line.ts';
import { deploymentView } from './view.ts';

const NOW = Date.parse(after(72));

function view(given: Partial<Look>, { width = 80, height = 24 } = {}): string[] {
  const look: Look = { deployment: deployment(), unmet: [], reasons: [], failure: null, ...given };
  return deploymentView(look, { width, height }, NOW).map((line) =>
    stripVTControlCharacters(rendered(line, width)).trimEnd(),
  );
}

describe('the view of a deployment', () => {
  it('shows what each node still has, its timers, what it waits for, and what happened last', () => {
    assert.deepEqual(view({ reasons: [busySessions({ held: 5 })] }), [
      'd_1  2.0.0 for 2 workers of pool default, rolling, move  1:12',
      'running',
      '1 running, 1 waiting    █ busy  ▒ idle  · gone',
      '',
      'worker-1  █▒▒▒▒················ 20/75  busy     0:12, 9:48 left  → worker-1.k3f9',
      'worker-2  ████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 75/75  waiting',
      '',
      '00:00:01  preflight: 2 workers, all healthy',
      '00:00:09  worker-1: verified',
      '',
      'Why not now?',
      '  worker-1, busy: 2 sessions have connections',
      '    ends when: those end, or the deadline comes',
      '    ci of acme → app:443 (5 min, last byte 2.0 s ago, 1.2 KiB/s)',
      '    s_2 of acme (1 min 1 s)',
      '    and 3 more',
    ]);
  });

  it('stops its timers at the end', () => {
    const over: Partial<Deployment> = { state: 'rolled_back', reason: 'worker-1.k3f9 lost 2 connections' };
    const lines = view({ deployment: deployment({ ...over, finishedAt: after(65) }) });
    assert.equal(lines[0], 'd_1  2.0.0 for 2 workers of pool default, rolling, move  1:05');
    assert.equal(lines[1], 'rolled_back: worker-1.k3f9 lost 2 connections');
    assert.doesNotMatch(lines.join('\n'), / left/);
  });

  it('counts connections where nodes have no sessions, and knows of a plan that is not made yet', () => {
    const gateway = deploymentNode('worker-1', {
      step: 'busy',
      state: 'running',
      sessions: 0,
      busy: 0,
      connections: 12,
    });
    assert.match(view({ deployment: deployment({ role: 'gateway', nodes: [gateway] }) })[4] ?? '', / 12\/30 {2}busy /);
    assert.deepEqual(view({ deployment: deployment({ state: 'pending', nodes: [], forecast: null, events: [] }) }), [
      'd_1  2.0.0 for the workers of pool default, rolling, move  1:12',
      'pending',
      '',
    ]);
  });

  it('is never wider than the terminal, nor higher: the log goes first, then nodes that nothing happens to', () => {
    const nodes = Array.from({ length: 30 }, (_, at) =>
      deploymentNode(`worker-${at}`, at === 20 ? { step: 'verify', state: 'running' } : {}),
    );
    const events = Array.from({ length: 9 }, (_, at) => entry(at, `event ${at}`));
    const busy = deployment({ nodes, events });
    for (const width of [20, 40, 200]) {
      for (const height of [1, 3, 6, 10, 24, 50]) {
        const lines = view({ deployment: busy, reasons: [busySessions()] }, { width, height });
        assert.ok(lines.length <= height, `${lines.length} lines of ${height}`);
        for (const line of lines) assert.ok([...line].length <= width, line);
        if (height > 6) assert.match(lines.join('\n'), /worker-20/);
      }
    }
    const low = view({ deployment: busy }, { width: 80, height: 8 });
    assert.deepEqual(
      low.slice(4).map((line) => line.slice(0, 17).trimEnd()),
      ['worker-0   ██████', 'worker-1   ██████', 'worker-20  ██████', 'and 27 more nodes'],
    );
    assert.match(
      view({ deployment: busy }, { height: 60 }).join('\n'),
      /event 4\n.*event 5\n.*event 6\n.*event 7\n.*event 8$/,
    );
  });

  it('says that nothing is seen, and passes no control characters on', () => {
    const message = 'red \u001b[31m';
    const lines = view({
      failure: new CulvertError('api_unreachable', 'no answer'),
      deployment: deployment({ events: [entry(1, message)] }),
    });
    assert.equal(lines[3], 'nothing is seen of it: no answer');
    assert.equal(lines.at(-1), '00:00:01  red ·[31m');
  });
});
