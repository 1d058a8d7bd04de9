import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROOT_CONTEXT, type Span, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { ATTRIBUTE, SPAN } from '../spans.ts';
import { remote, SeededIds, SLOW_MS, tracedProcess } from '../testing/traced.ts';
import { parentContext } from '../trace-context.ts';

type Fate = 'fine' | 'failed' | 'slow' | 'resumed';

/** Spans end when they are told to: no test waits for time to pass. */
function span(tracer: Tracer, name: string, parent: Span | undefined, durationMs = 1): { span: Span; end: () => void } {
  const startTime = Date.now() - durationMs;
  const context = parent === undefined ? ROOT_CONTEXT : parentContext(remote(parent.spanContext()));
  const started = tracer.startSpan(name, { startTime }, context);
  return { span: started, end: () => started.end(startTime + durationMs) };
}

/** One connection at an edge and an agent, each a process of its own. */
function connect(edge: ReturnType<typeof tracedProcess>, agent: ReturnType<typeof tracedProcess>, fate: Fate): string {
  const connection = span(edge.tracer, SPAN.connection, undefined, 3_600_000);
  const { traceId } = connection.span.spanContext();
  const dial = span(agent.tracer, SPAN.dial, connection.span, fate === 'slow' ? SLOW_MS + 1 : 5);
  if (fate === 'failed') dial.span.setStatus({ code: SpanStatusCode.ERROR });
  dial.end();
  connection.span.setAttribute(ATTRIBUTE.setupMs, fate === 'slow' ? SLOW_MS + 1 : 5);
  if (fate === 'resumed') {
    edge.tracer.startSpan(SPAN.resume, {}, trace.setSpan(ROOT_CONTEXT, connection.span)).end();
    agent.processor.keep(traceId, 'resumed');
  }
  if (fate === 'failed') connection.span.setStatus({ code: SpanStatusCode.ERROR });
  connection.end();
  if (fate !== 'resumed') agent.held.forget(traceId);
  return traceId;
}

const FATES: readonly Fate[] = ['failed', 'slow', 'resumed'];

describe('sampling that keeps what matters', () => {
  for (const ratio of [0, 0.1]) {
    it(`exports every connection that failed, was slow or resumed at ratio ${ratio}, and that share of the rest`, () => {
      const ids = new SeededIds(4711);
      const [edge, agent] = [tracedProcess(ratio, ids), tracedProcess(ratio, ids)];
      const fateOf = new Map<string, Fate>();
      for (let i = 0; i < 2_000; i += 1) {
        const fate = FATES[Math.floor(ids.random() * 30)] ?? 'fine';
        fateOf.set(connect(edge, agent, fate), fate);
      }
      for (const { exported } of [edge, agent]) {
        const byTrace = new Map(exported.map((one) => [one.spanContext().traceId, one]));
        const fine = [...fateOf].filter(([traceId, fate]) => fate === 'fine' && byTrace.has(traceId)).length;
        const allFine = [...fateOf.values()].filter((fate) => fate === 'fine').length;
        assert.ok(Math.abs(fine / allFine - ratio) < 0.025, `${fine} of ${allFine}`);
        const matter = [...fateOf].filter(([, fate]) => fate !== 'fine');
        assert.ok(matter.length > 100);
        for (const [traceId, fate] of matter) {
          const why = byTrace.get(traceId)?.attributes[ATTRIBUTE.kept];
          // What was sampled carries no reason; `resumed` marks nothing then.
          if (why === undefined) assert.ok(byTrace.has(traceId), `${fate} is missing`);
          else assert.equal(why, fate);
        }
        if (ratio === 0) for (const one of exported) assert.notEqual(one.attributes[ATTRIBUTE.kept], undefined);
      }
      assert.equal(edge.held.size + agent.held.size, 0);
    });
  }

  it('exports what it keeps as if it had been sampled, and whole', () => {
    const traced = tracedProcess(0, new SeededIds(3));
    const link = { context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 } };
    const parent = parentContext('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00');
    const dial = traced.tracer.startSpan(SPAN.dial, { startTime: 1e12, attributes: { a: 1 }, links: [link] }, parent);
    assert.equal(dial.spanContext().traceFlags, TraceFlags.NONE);
    dial.addEvent('an event').setStatus({ code: SpanStatusCode.ERROR, message: 'why' });
    dial.end(1e12 + 2_000);
    const [kept] = traced.exported;
    assert.equal(kept?.spanContext().traceFlags, TraceFlags.SAMPLED);
    assert.deepEqual(kept?.attributes, { a: 1, [ATTRIBUTE.kept]: 'failed' });
    assert.deepEqual([kept?.events.length, kept?.links.length, kept?.status.message], [1, 1, 'why']);
    assert.equal(kept?.duration[0], 2);
    assert.equal(kept?.parentSpanContext?.spanId, 'b7ad6b7169203331');
  });

  it('exports the spans of the trace that ended before, and those that end later', () => {
    const agent = tracedProcess(0, new SeededIds(1));
    const root = tracedProcess(0, new SeededIds(2)).tracer.startSpan(SPAN.connection);
    const { traceId } = root.spanContext();
    span(agent.tracer, SPAN.dial, root).end();
    assert.equal(agent.exported.length, 0);
    agent.processor.keep(traceId, 'resumed');
    span(agent.tracer, SPAN.dial, root).end();
    assert.deepEqual(
      agent.exported.map(({ attributes }) => attributes[ATTRIBUTE.kept]),
      ['resumed', 'resumed'],
    );
    agent.held.forget(traceId);
    span(agent.tracer, SPAN.dial, root).end();
    assert.equal(agent.exported.length, 2);
  });

  it('exports what ended well before, once something of the same trace did not', () => {
    const agent = tracedProcess(0, new SeededIds(1));
    const root = tracedProcess(0, new SeededIds(2)).tracer.startSpan(SPAN.connection);
    span(agent.tracer, SPAN.dial, root).end();
    span(agent.tracer, SPAN.resume, root).end();
    assert.deepEqual(
      agent.exported.map(({ name, attributes }) => [name, attributes[ATTRIBUTE.kept]]),
      [
        [SPAN.dial, 'resumed'],
        [SPAN.resume, 'resumed'],
      ],
    );
  });

  it('knows that a connection was resumed however many others were since', () => {
    const edge = tracedProcess(0, new SeededIds(1), { maxKept: 1 });
    const long = edge.tracer.startSpan(SPAN.connection);
    for (const connection of [long, edge.tracer.startSpan(SPAN.connection), edge.tracer.startSpan(SPAN.connection)]) {
      edge.tracer.startSpan(SPAN.resume, {}, trace.setSpan(ROOT_CONTEXT, connection)).end();
    }
    long.end();
    assert.equal(edge.exported.at(-1)?.name, SPAN.connection);
  });

  it('samples sessions and deployments always, and others as it was told', () => {
    const { tracer, exported } = tracedProcess(0, new SeededIds(1));
    for (const name of [SPAN.sessionOpen, SPAN.sessionClose, SPAN.deployTick, SPAN.deployEffect, 'process jobs']) {
      tracer.startSpan(name, { root: true }).end();
    }
    assert.deepEqual(
      exported.map(({ name, attributes }) => [name, attributes[ATTRIBUTE.kept]]),
      [SPAN.sessionOpen, SPAN.sessionClose, SPAN.deployTick, SPAN.deployEffect].map((name) => [name, undefined]),
    );
    assert.equal(tracer.startSpan('process jobs', { root: true }).isRecording(), false);
  });
});
