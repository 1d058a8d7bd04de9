import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import { sessionSpanContext } from '@culvert/telemetry';
import { recordSpans } from '@culvert/telemetry/testing';
import type { ConnectionObserver, ConnectionWish, StreamReading } from './observer.ts';
import { tracedConnections } from './traced-connections.ts';
import type { StreamSummary } from './tracked-stream.ts';

const WISH: ConnectionWish = {
  sessionId: 's_1',
  tenantId: 'acme',
  connectionId: 'c_1',
  kind: 'connect',
  target: { host: 'app.internal', port: 443 },
};
const SUMMARY: StreamSummary = { closedBy: 'browser', reason: 'end', message: '', bytesIn: 12, bytesOut: 34 };
// Never looked into: a trace has no use for what moves while the connection is open.
const stream = {} as StreamReading;

/** What is traced of one connection that lives through `life`. */
function traced(life: (connection: ConnectionObserver) => void, wish: Partial<ConnectionWish> = {}) {
  const { tracer, spans } = recordSpans();
  const connection = tracedConnections(tracer, 'gateway-1').connecting({ ...WISH, ...wish });
  life(connection);
  const [root, ...more] = spans().filter(({ name }) => name === 'connection');
  assert.ok(root && more.length === 0, 'one span `connection` has ended');
  const children = spans().filter(({ name }) => name !== 'connection');
  for (const child of children) assert.deepEqual([child.parentSpanId, child.traceId], [root.spanId, root.traceId]);
  return { connection, root, children };
}

const openOn = (connection: ConnectionObserver, epoch: number | undefined = 7): void => {
  connection.asked?.({ node: 'worker-1', epoch });
  connection.opened(41, stream);
};
const linkTo = (epoch: number) => {
  const { traceId, spanId } = sessionSpanContext('s_1', epoch);
  return { traceId, spanId };
};

describe('the trace of a connection', () => {
  it('from the wish to the end: a root of its own, linked with the session', () => {
    const { root, children, connection } = traced((one) => {
      openOn(one);
      one.closed(SUMMARY, 1_000);
    });
    assert.deepEqual([root.kind, root.parentSpanId, root.status, children], ['server', undefined, 'unset', []]);
    assert.deepEqual(root.attributes, {
      'session.id': 's_1',
      'culvert.tenant.id': 'acme',
      'culvert.connection.id': 'c_1',
      'culvert.connection.kind': 'connect',
      'culvert.node.id': 'gateway-1',
      'server.address': 'app.internal',
      'server.port': 443,
      'culvert.setup_ms': 41,
      'culvert.closed_by': 'browser',
      'culvert.reason': 'end',
      'culvert.bytes.in': 12,
      'culvert.bytes.out': 34,
    });
    assert.deepEqual(root.events, [
      { name: 'asked', attributes: { 'culvert.to.node.id': 'worker-1', 'culvert.epoch': 7 } },
      { name: 'opened', attributes: {} },
    ]);
    assert.deepEqual(root.links, [linkTo(7)]);
    assert.equal(connection.traceparent, `00-${root.traceId}-${root.spanId}-01`);
    assert.deepEqual(connection.logFields, { trace_id: root.traceId, span_id: root.spanId });
  });

  it('every owner that was asked is linked, once', () => {
    const { root } = traced((one) => {
      for (const epoch of [3, 3, 4, undefined]) one.asked?.({ node: 'worker-1', epoch });
      one.failed(new CulvertError('session_offline'), 5_000);
    });
    assert.deepEqual(root.links, [linkTo(3), linkTo(4)]);
    assert.equal(root.events.length, 4);
  });

  it('one that came to nothing carries the error', () => {
    const { root } = traced((one) => one.failed(new CulvertError('target_denied', 'denied by --deny *:22'), 9));
    assert.equal(root.status, 'error: denied by --deny *:22');
    assert.partialDeepStrictEqual(root.attributes, { 'error.type': 'target_denied', 'culvert.setup_ms': 9 });
  });

  it('a browser that gave up is no error', () => {
    const { root } = traced((one) => one.failed(new CulvertError('cancelled', 'the browser gave up'), 9));
    assert.deepEqual([root.status, root.attributes['culvert.reason']], ['unset', 'cancelled']);
    assert.equal(root.attributes['error.type'], undefined);
  });

  it('of a tenant that is not known: no attribute', () => {
    const { root } = traced((one) => one.failed(new CulvertError('session_offline'), 1), { tenantId: '' });
    assert.equal('culvert.tenant.id' in root.attributes, false);
  });

  it('a move is a span of its own, and another link', () => {
    const { root, children } = traced((one) => {
      openOn(one);
      one.detached('draining', 'worker-1');
      one.resumed({ gapMs: 12, replayedBytes: 345, from: 'worker-1', to: 'worker-2', epoch: 8 });
      one.detached('link_lost', 'worker-2');
      one.resumed({ gapMs: 6, replayedBytes: 0, from: null, to: 'worker-1' });
      one.closed(SUMMARY, 1_000);
    });
    assert.deepEqual(
      children.map(({ name, kind, status, attributes }) => ({ name, kind, status, attributes })),
      [
        {
          name: 'resume',
          kind: 'internal',
          status: 'unset',
          attributes: {
            'culvert.reason': 'draining',
            'culvert.from.node.id': 'worker-1',
            'culvert.to.node.id': 'worker-2',
            'culvert.gap_ms': 12,
            'culvert.replayed_bytes': 345,
            'culvert.epoch': 8,
          },
        },
        {
          name: 'resume',
          kind: 'internal',
          status: 'unset',
          attributes: {
            'culvert.reason': 'link_lost',
            'culvert.from.node.id': 'worker-2',
            'culvert.to.node.id': 'worker-1',
            'culvert.gap_ms': 6,
            'culvert.replayed_bytes': 0,
          },
        },
      ],
    );
    assert.deepEqual(root.links, [linkTo(7), linkTo(8)]);
    assert.deepEqual(
      root.events.map(({ name }) => name),
      ['asked', 'opened', 'detached', 'resumed', 'detached', 'resumed'],
    );
    assert.deepEqual([root.attributes['culvert.resumes'], root.status], [2, 'unset']);
  });

  it('one that could not go on is an error, and so is its search for a path', () => {
    const { root, children } = traced((one) => {
      openOn(one);
      one.detached('link_lost', 'worker-1');
      one.lost('resume_expired', 60_000);
      one.closed({ ...SUMMARY, closedBy: 'culvert', reason: 'resume_expired', message: 'no path for 60 s' }, 61_000);
    });
    assert.deepEqual([root.status, root.attributes['error.type']], ['error: no path for 60 s', 'resume_expired']);
    assert.match(children[0]?.status ?? '', /^error: /);
    assert.partialDeepStrictEqual(children[0]?.attributes, {
      'error.type': 'resume_expired',
      'culvert.gap_ms': 60_000,
    });
  });

  it('a target that resets is not our error; what lies between is', () => {
    const ends = (summary: Partial<StreamSummary>) =>
      traced((one) => {
        openOn(one);
        one.closed({ ...SUMMARY, ...summary }, 10);
      }).root;
    const byTarget = ends({ closedBy: 'target', reason: 'target_reset', message: 'ECONNRESET' });
    assert.deepEqual([byTarget.status, byTarget.attributes['culvert.reason']], ['unset', 'target_reset']);
    const byUs = ends({ closedBy: 'culvert', reason: 'session_closed', message: 'by an operator' });
    assert.deepEqual([byUs.status, byUs.attributes['error.type']], ['error: by an operator', 'session_closed']);
  });

  it('ended while it had no path: nothing is left open', () => {
    const { children } = traced((one) => {
      openOn(one);
      one.detached('link_lost', 'worker-1');
      one.closed(SUMMARY, 10);
    });
    assert.deepEqual(
      children.map(({ name, status }) => [name, status]),
      [['resume', 'unset']],
    );
  });
});
