import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type LogFields } from '@culvert/base';
import { loggedConnections } from './logged-connections.ts';
import { ObservedConnections } from './observed-connections.ts';
import type { ConnectionObserver, ConnectionWish, EdgeObserver } from './observer.ts';
import { recordingLogger } from './testing/edge-setup.ts';

const WISH: ConnectionWish = {
  ...{ sessionId: 's_1', tenantId: 'acme', connectionId: 'c_1', kind: 'connect' },
  target: { host: '::1', port: 443 },
};
const TRACE = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };
const IDS = { session_id: 's_1', tenant_id: 'acme', connection_id: 'c_1', ...TRACE };

/** Says nothing of a connection but which trace it is in. */
const tracing: EdgeObserver = {
  connecting: () => {
    const nothing = (): void => undefined;
    const observer: ConnectionObserver = {
      ...{ logFields: TRACE, opened: nothing, failed: nothing, detached: nothing },
      ...{ resumed: nothing, lost: nothing, closed: nothing },
    };
    return observer;
  },
  refused: () => undefined,
};

function begin(): { connection: ConnectionObserver; lines: LogFields[] } {
  const lines: LogFields[] = [];
  const observed = new ObservedConnections(tracing, loggedConnections(recordingLogger(lines)));
  return { connection: observed.begin(WISH), lines };
}

describe('the log of an edge', () => {
  it('tells the whole life of a connection, each line with its ids and those of its trace', () => {
    const { connection, lines } = begin();
    const stream = { bytesSent: 0, bytesReceived: 0, unacknowledged: 0, unconsumed: 0, window: 0 };
    connection.asked?.({ node: 'w1', epoch: 7 });
    connection.opened(12.4, stream);
    connection.detached('link_lost', null);
    connection.resumed({ gapMs: 15.2, replayedBytes: 7, from: 'w1', to: 'w2' });
    connection.detached('draining', 'w2');
    connection.lost('resume_expired', 60_000);
    const summary = { closedBy: 'culvert', reason: 'resume_expired', message: 'no path', bytesIn: 3, bytesOut: 4 };
    connection.closed({ ...summary, closedBy: 'culvert', reason: 'resume_expired' }, 100_000.4);
    const about = { target: '[::1]:443', kind: 'connect' };
    assert.deepEqual(lines, [
      { event: 'connection.open', ...IDS, ...about, worker: 'w1', setup_ms: 12 },
      { event: 'connection.detach', ...IDS, from: 'w1', reason: 'link_lost' },
      { event: 'connection.resume', ...IDS, from: 'w1', to: 'w2', gap_ms: 15, replayed_bytes: 7 },
      { event: 'connection.detach', ...IDS, from: 'w2', reason: 'draining' },
      { event: 'connection.lost', ...IDS, code: 'resume_expired', gap_ms: 60_000 },
      {
        ...{
          event: 'connection.close',
          ...IDS,
          ...about,
          worker: 'w2',
          duration_ms: 100_000,
          bytes_in: 3,
          bytes_out: 4,
        },
        ...{ closed_by: 'culvert', reason: 'resume_expired', detail: 'no path' },
      },
    ]);
  });

  it('tells of one that came to nothing, with whom was asked', () => {
    const { connection, lines } = begin();
    connection.asked?.({ node: 'w1', epoch: undefined });
    connection.failed(new CulvertError('target_denied', 'a rule says no'), 3);
    const about = { target: '[::1]:443', kind: 'connect', worker: 'w1' };
    const why = { code: 'target_denied', setup_ms: 3, detail: 'a rule says no' };
    assert.deepEqual(lines, [{ event: 'connection.failed', ...IDS, ...about, ...why }]);
  });
});
