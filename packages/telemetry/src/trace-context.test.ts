import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { parentContext, parseTraceparent, traceFields, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const SAMPLED = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };

test('a context becomes a header, and the header the context, as one that came from elsewhere', () => {
  for (const traceFlags of [0, 1]) {
    const header = traceparentOf({ ...SAMPLED, traceFlags });
    assert.equal(header, `00-${TRACE}-${SPAN}-0${traceFlags}`);
    assert.deepEqual(parseTraceparent(header), { ...SAMPLED, traceFlags, isRemote: true });
  }
});

test('a later version is read as far as it is known', () => {
  assert.deepEqual(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes`), { ...SAMPLED, isRemote: true });
});

const invalid = {
  empty: '',
  'version ff': `ff-${TRACE}-${SPAN}-01`,
  'more in version 00': `00-${TRACE}-${SPAN}-01-more`,
  'upper case': `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  'no trace': `00-${'0'.repeat(32)}-${SPAN}-01`,
  'no span': `00-${TRACE}-${'0'.repeat(16)}-01`,
  'too short': `00-${TRACE}-${SPAN}`,
  'no version': `${TRACE}-${SPAN}-01`,
};
for (const [what, header] of Object.entries(invalid)) {
  test(`not valid, and ignored: ${what}`, () => {
    assert.equal(parseTraceparent(header), undefined);
    assert.equal(parentContext(header), ROOT_CONTEXT);
    assert.deepEqual(traceFields(header), {});
  });
}

test('a child is started under what the header names', () => {
  const parent = trace.getSpanContext(parentContext(traceparentOf(SAMPLED)));
  assert.deepEqual(parent, { ...SAMPLED, isRemote: true });
  assert.equal(parentContext(undefined), ROOT_CONTEXT);
});

test('log lines carry the ids', () => {
  assert.deepEqual(traceFields(traceparentOf(SAMPLED)), { trace_id: TRACE, span_id: SPAN });
  assert.deepEqual(traceFields(SAMPLED), { trace_id: TRACE, span_id: SPAN });
  assert.deepEqual(traceFields(undefined), {});
});
