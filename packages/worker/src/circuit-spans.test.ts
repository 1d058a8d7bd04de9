import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '@culvert/base';
import type { OpenRequest } from '@culvert/mux';
import { recordSpans } from '@culvert/telemetry/testing';
import type { Circuit, CircuitEnd } from './circuit.ts';
import { CircuitSpans } from './circuit-spans.ts';
import { Switchboard, type TestAgent } from './testing/switchboard.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const EDGE_SPAN = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${EDGE_SPAN}-01`;

/** A switch whose connections are traced. */
class TracedBoard extends Switchboard {
  readonly #recorder = recordSpans();
  /** What the exporter was told of the trace. */
  readonly fates: string[] = [];
  readonly circuitSpans = new CircuitSpans(
    {
      tracer: this.#recorder.tracer,
      traces: {
        startAs: () => assert.fail('a circuit is no root'),
        keep: (id, why) => this.fates.push(`${id} ${why}`),
        forget: (id) => this.fates.push(`${id} over`),
      },
    },
    'worker-1',
  );

  get spans() {
    return this.#recorder.spans();
  }

  /** Name, status and why of each span that has ended. */
  get told(): unknown[][] {
    assert.equal(this.circuitSpans.waiting, 0, 'nothing is kept of what is answered');
    return this.spans.map(({ name, status, attributes }) => [name, status, attributes['culvert.reason']]);
  }

  override opened(circuit: Circuit): void {
    super.opened(circuit);
    this.circuitSpans.opened(circuit, { tenantId: 'acme', epoch: 7 });
  }

  override answered(circuit: Circuit): void {
    super.answered(circuit);
    this.circuitSpans.answered(circuit);
  }

  override refused(request: OpenRequest, code: ErrorCode, resumed: boolean): void {
    super.refused(request, code, resumed);
    this.circuitSpans.refused(request, code, resumed);
  }

  override detached(circuit: Circuit, end: CircuitEnd): void {
    super.detached(circuit, end);
    this.circuitSpans.detached(circuit, end);
  }

  override ended(circuit: Circuit, end: CircuitEnd): void {
    super.ended(circuit, end);
    this.circuitSpans.ended(circuit, end);
  }
}

function asked(request: Partial<OpenRequest> = { traceparent }) {
  const board = new TracedBoard();
  const agent = board.agent();
  const edge = board.edge();
  const asking = edge.ask(request);
  board.deliver();
  return { board, agent, edge, asking };
}

const pendingOf = (agent: TestAgent) => agent.pending.shift() ?? assert.fail('the agent was not asked');

describe("a worker's part of a connection's trace", () => {
  it('lasts until the agent has answered, under the span of the edge', () => {
    const { board, agent } = asked();
    assert.equal(board.spans.length, 0, 'not answered yet');
    assert.equal(agent.pending[0]?.request.traceparent, traceparent, 'the agent is told the same');
    pendingOf(agent).accept();
    board.deliver();
    const [span, ...more] = board.spans;
    assert.deepEqual([span?.name, span?.traceId, span?.parentSpanId], ['switch.open', TRACE, EDGE_SPAN]);
    assert.deepEqual([span?.status, more, board.circuitSpans.waiting], ['unset', [], 0]);
    assert.partialDeepStrictEqual(span?.attributes, {
      'culvert.connection.kind': 'connect',
      'culvert.node.id': 'worker-1',
      'culvert.tenant.id': 'acme',
      'culvert.epoch': 7,
    });
  });

  it('a refusal of the agent is an error', () => {
    const { board, agent } = asked();
    pendingOf(agent).refuse('target_unreachable', 'refused the connection');
    board.deliver();
    assert.deepEqual(board.told, [['switch.open', 'error: refused the connection', 'target_unreachable']]);
  });

  it('a connection that this worker breaks off matters; one that its ends end does not', () => {
    for (const [end, fate] of [
      [(agent: TestAgent) => agent.side.endAll('worker', 'session_closed', 'by an operator'), 'failed'],
      [(agent: TestAgent) => agent.side.endAll('agent', 'target_reset', ''), 'over'],
    ] as const) {
      const { board, agent } = asked();
      pendingOf(agent).accept();
      board.deliver();
      end(agent);
      assert.deepEqual(board.fates, [`${TRACE} ${fate}`]);
    }
  });

  it('an OPEN that is taken back is none', () => {
    const { board, asking } = asked();
    asking.cancel();
    board.deliver();
    assert.deepEqual(board.told, [['switch.open', 'unset', 'cancelled']]);
  });

  it('a wrong owner is a hop, not an error', () => {
    const { board } = asked({ traceparent, sessionId: 's_elsewhere' });
    assert.deepEqual(board.told, [['switch.open', 'unset', 'wrong_owner']]);
  });

  it('an open that loses its way before there is an answer is over here', () => {
    const { board, edge } = asked();
    edge.streams.leave();
    board.deliver();
    assert.equal(board.told.length, 1);
  });

  it('of a connection that is not traced, or in a way that cannot be read: nothing', () => {
    for (const request of [{}, { traceparent: '00-1-2-01' }]) {
      const { board, agent, asking } = asked(request);
      pendingOf(agent).accept();
      board.deliver();
      asking.stream?.reset('aborted', '');
      board.deliver();
      assert.deepEqual([asking.answers, board.spans, board.fates], [['opened'], [], []]);
    }
  });

  it('a RESUME carries the trace on, and is a span of its own', () => {
    const { board, agent, edge, asking } = asked();
    pendingOf(agent).accept();
    board.deliver();
    const stream = asking.stream ?? assert.fail('not opened');
    edge.streams.leave();
    const next = board.edge();
    const answers = next.resume(stream);
    board.deliver();
    assert.match(answers.join(), /^resumed/);
    assert.deepEqual(
      board.spans.map(({ name, traceId, parentSpanId, status }) => [name, traceId, parentSpanId, status]),
      [
        ['switch.open', TRACE, EDGE_SPAN, 'unset'],
        ['switch.resume', TRACE, EDGE_SPAN, 'unset'],
      ],
    );
    assert.deepEqual(board.fates, [`${TRACE} resumed`], 'it matters, whatever becomes of it');
    stream.reset('aborted', 'the browser is gone');
    board.deliver();
    assert.deepEqual(board.fates.slice(1), [`${TRACE} over`]);
  });

  it('a RESUME at the wrong worker is a hop, too', () => {
    const { board, agent, edge, asking } = asked();
    pendingOf(agent).accept();
    board.deliver();
    edge.streams.leave();
    const elsewhere = new TracedBoard();
    const answers = elsewhere.edge().resume(asking.stream ?? assert.fail('not opened'));
    elsewhere.deliver();
    assert.deepEqual([answers, elsewhere.log], [['refused wrong_owner'], []]);
    assert.deepEqual(elsewhere.told, [['switch.resume', 'unset', 'wrong_owner']]);
  });
});
