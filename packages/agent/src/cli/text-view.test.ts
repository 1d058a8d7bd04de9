import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from '../events.ts';
import type { CommandIo } from './io.ts';
import { JsonView } from './json-view.ts';
import { TextView } from './text-view.ts';

const info = { connectionId: 'c_1', kind: 'connect', target: 'app.internal:443' } as const;
const totals = { bytesToTarget: 1, bytesFromTarget: 2, durationMs: 3 };
const open: AgentEvent = { event: 'connection.open', ...info, address: '10.0.0.1' };
const detach: AgentEvent = { event: 'connection.detach', ...info };
const resume: AgentEvent = { event: 'connection.resume', ...info, gapMs: 420, replayedBytes: 17 };
const expired: AgentEvent = {
  event: 'connection.close',
  ...info,
  ...totals,
  closedBy: 'agent',
  reason: 'resume_expired',
};

function sinks(isTTY: boolean) {
  const text = { out: '', err: '' };
  const io: CommandIo = {
    stdout: { write: (more) => (text.out += more), isTTY },
    stderr: { write: (more) => (text.err += more), isTTY, columns: 200 },
    env: {},
    onSignal: () => () => undefined,
  };
  return { io, text };
}

test('the status line counts what is without a path, as long as it is', () => {
  const { io, text } = sinks(true);
  const view = new TextView(io, 'http://app/');
  const lineAfter = (event: AgentEvent): string | undefined => {
    view.show(event);
    return text.err.split('\u001b[2K').at(-1);
  };
  assert.equal(lineAfter(open), ' · 1 open · 1 served · 0 refused');
  assert.equal(lineAfter(detach), ' · 1 open (1 without a path) · 1 served · 0 refused');
  assert.equal(lineAfter(resume), ' · 1 open · 1 served · 0 refused');
  view.show(detach);
  assert.equal(lineAfter(expired), ' · 0 open · 1 served · 0 refused');
});

test('a lost connection and the standby are lines of their own', () => {
  const { io, text } = sinks(false);
  const view = new TextView(io, 'http://app/');
  view.show({ event: 'standby.up', node: 'w2' });
  for (const event of [open, detach, resume, detach, expired]) view.show(event);
  view.show({ event: 'standby.down', node: 'w2', code: 'draining', message: 'the worker drains' });
  assert.equal(
    text.err,
    'w2 stands by\nlost app.internal:443: nobody resumed it (resume_expired)\n' +
      'w2 stands by no more: the worker drains (draining)\n',
  );
});

test('--json: they are events like any other', () => {
  const { io, text } = sinks(false);
  const view = new JsonView(io);
  view.show({ event: 'session.open', sessionId: 's_1', proxy: 'http://p', pac: 'http://pac' });
  view.show(resume);
  view.show(expired);
  assert.deepEqual(text.out.trimEnd().split('\n').slice(1), [
    '{"event":"connection.resume","connectionId":"c_1","kind":"connect","target":"app.internal:443","gapMs":420,"replayedBytes":17}',
    '{"event":"connection.close","connectionId":"c_1","kind":"connect","target":"app.internal:443",' +
      '"bytesToTarget":1,"bytesFromTarget":2,"durationMs":3,"closedBy":"agent","reason":"resume_expired"}',
  ]);
});
