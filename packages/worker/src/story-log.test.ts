import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogFields, Logger } from '@culvert/base';
import type { OpenRequest } from '@culvert/mux';
import { Circuit, type CircuitEnd, type Side } from './circuit.ts';
import { ConnectionLog } from './connection-log.ts';
import { Draining } from './testing/draining.ts';

/** A logger, and what it was told. */
function recorder(): { logger: Logger; lines: LogFields[] } {
  const lines: LogFields[] = [];
  const loggerWith = (known: LogFields): Logger => {
    const keep = (fields: LogFields): void => void lines.push({ ...known, ...fields });
    return { debug: keep, info: keep, warn: keep, error: keep, child: (more) => loggerWith({ ...known, ...more }) };
  };
  return { logger: loggerWith({}), lines };
}

describe('what a worker tells of a drain', () => {
  const moves = (lines: readonly LogFields[]) => lines.filter(({ event }) => event === 'session.move');

  it('a deployment asked for it: the drain, the moves and who was sent away by force carry its id', async () => {
    const { logger, lines } = recorder();
    const draining = new Draining(logger);
    const [one] = await draining.admit(1);
    assert.ok(one);
    await draining.order({ deployment: 'd_1', fence: 3, stage: 'busy' });
    const by = { by: 'deployment', deploy_id: 'd_1' };
    assert.partialDeepStrictEqual(moves(lines), [
      { ...by, session_id: one.actor.id, tenant_id: one.actor.ticket.tenantId, to: 'w_2', code: 'draining' },
    ]);
    await draining.order({ deployment: 'd_1', fence: 3, stage: 'force' });
    await draining.advance(1_000);
    for (const event of ['node.drain', 'session.dismiss', 'node.drained']) {
      const line = lines.find((each) => each.event === event);
      assert.partialDeepStrictEqual(line, by, event);
    }
    assert.equal(lines.filter(({ event }) => event === 'node.drained').length, 1);
  });

  it('an operator, or the worker itself because it stops, asked for it', async () => {
    const byOperator = recorder();
    const asked = new Draining(byOperator.logger);
    await asked.admit(1);
    await asked.order({});
    assert.partialDeepStrictEqual(moves(byOperator.lines), [{ by: 'operator', to: 'w_2' }]);

    const byItself = recorder();
    const stopping = new Draining(byItself.logger);
    await stopping.admit(1);
    await stopping.start();
    assert.partialDeepStrictEqual(moves(byItself.lines), [{ by: 'worker', to: 'w_2' }]);
    assert.ok(byItself.lines.every((line) => line.deploy_id === undefined));
  });
});

describe('what a worker tells of the end of a connection', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const request: OpenRequest = {
    ...{ key: new Uint8Array(16), sessionId: 's_1', connectionId: 'c_1', kind: 'connect', host: '::1', port: 443 },
    traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
  };
  const side = {} as Side; // nothing is carried

  function told(end: CircuitEnd, prepare: (circuit: Circuit) => void = () => undefined): LogFields | undefined {
    const { logger, lines } = recorder();
    const circuit = new Circuit(request, side, 1, side, 2, 1_000);
    circuit.open = true;
    prepare(circuit);
    new ConnectionLog(logger).over(circuit, end, 'acme', 1_250);
    return lines[0];
  }

  it('in good order: who ended its direction first', () => {
    const end: CircuitEnd = { by: 'both', reason: 'finished', message: '' };
    const ids = { session_id: 's_1', tenant_id: 'acme', connection_id: 'c_1', trace_id: TRACE, target: '[::1]:443' };
    for (const [first, closed_by] of [
      ['agent', 'browser'],
      ['edge', 'target'],
    ] as const) {
      // biome-ignore format: pairs
      const line = told(end, (circuit) => {
        circuit.passedOnAll(first);
        assert.equal(circuit.done, false);
        circuit.passedOnAll(first === 'agent' ? 'edge' : 'agent');
        assert.equal(circuit.done, true);
      });
      assert.partialDeepStrictEqual(line, { event: 'connection.close', closed_by, reason: 'end', ...ids });
    }
  });

  for (const [by, reason, closedBy] of [
    ['edge', 'aborted', 'browser'],
    ['agent', 'target_reset', 'target'],
    ['agent', 'link_lost', 'culvert'],
    ['edge', 'resume_expired', 'culvert'],
    ['worker', 'flow_control_error', 'culvert'],
  ] as const) {
    it(`broken off by the ${by} with ${reason}: closed by ${closedBy}`, () => {
      const line = told({ by, reason, message: 'words' });
      assert.partialDeepStrictEqual(line, { event: 'connection.close', closed_by: closedBy, reason });
    });
  }

  it('that never came to be: refused, with the code', () => {
    const line = told({ by: 'agent', reason: 'target_denied', message: 'no' }, (circuit) => {
      circuit.open = false;
    });
    assert.partialDeepStrictEqual(line, { event: 'connection.refused', code: 'target_denied', connection_id: 'c_1' });
  });
});
