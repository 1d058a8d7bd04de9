import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ClusterEvent } from '@culvert/local';
import { JsonProgress, TextProgress } from './progress.ts';

const EVENTS: readonly ClusterEvent[] = [
  {
    ...{ event: 'node.launched', role: 'worker', id: 'worker-1.k3f9', version: '2.0.0' },
    ...{ replaces: 'worker-1', deployment: 'dep_1' },
  },
  {
    ...{ event: 'node.ended', role: 'worker', id: 'worker-1', version: '1.0.0' },
    ...{ exit: 'it ended with exit code 0', deployment: 'dep_1' },
  },
  {
    ...{ event: 'node.ended', role: 'worker', id: 'worker-2.k3f9', version: '2.0.0' },
    ...{ exit: 'it ended with exit code 1, before it was ready', deployment: null },
  },
];

function output() {
  let text = '';
  return {
    write(piece: string): void {
      text += stripVTControlCharacters(piece);
    },
    text: () => text,
  };
}

describe('progress of culvert up', () => {
  it('tells people what a deployment starts and ends, and warns of what did not start', () => {
    const [stdout, stderr] = [output(), output()];
    const progress = new TextProgress({ stdout, stderr });
    for (const event of EVENTS) progress.show(event);
    assert.equal(
      stdout.text(),
      '… worker-1.k3f9 version 2.0.0 starts in place of worker-1, ordered by deployment dep_1\n' +
        '· worker-1    it ended with exit code 0, ordered by deployment dep_1\n',
    );
    assert.equal(
      stderr.text(),
      '! worker-2.k3f9 (version 2.0.0) did not start: it ended with exit code 1, before it was ready\n',
    );
  });

  it('tells programs the same, one event a line', () => {
    const stdout = output();
    const progress = new JsonProgress(stdout);
    for (const event of EVENTS) progress.show(event);
    const lines = stdout.text().trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      EVENTS,
    );
  });
});
