import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CANARY_TENANT } from '@culvert/contracts';
import { instruments } from '@culvert/telemetry';
import { createMetrics } from '@culvert/telemetry/testing';
import { meteredSessions } from './session-metrics.ts';
import type { SessionWatcher } from './sessions.ts';

type Actor = Parameters<SessionWatcher['closed']>[0];

const of = (tenantId: string): Actor => ({ ticket: { tenantId } }) as Actor; // all that is looked at
const GONE = { code: 'link_lost', message: '', by: 'agent', final: false } as const;

it('sessions are counted by how they came, why they went, and why they were refused; those of probes are not', async () => {
  const telemetry = createMetrics({ role: 'worker', version: '1.2.3', node_id: 'w1' });
  const sessions = meteredSessions(instruments(telemetry.meter), 'w1');
  for (const tenant of ['acme', CANARY_TENANT]) {
    const actor = of(tenant);
    sessions.entered?.(actor, { previous: undefined });
    sessions.entered?.(actor, { previous: { node: 'w1', boot: 'b0', epoch: 1 } });
    sessions.entered?.(actor, { previous: { node: 'w2', boot: 'b1', epoch: 2 } });
    sessions.closed(actor, GONE, true);
    sessions.closed(actor, { ...GONE, code: 'superseded' }, false);
    sessions.refused?.(actor.ticket, 'limit_exceeded');
  }
  const lines = (await telemetry.text()).split('\n').filter((line) => line.startsWith('culvert_session_'));
  assert.deepEqual(lines, [
    'culvert_session_opened_total{how="new"} 1',
    'culvert_session_opened_total{how="returned"} 1',
    'culvert_session_opened_total{how="moved"} 1',
    'culvert_session_closed_total{reason="superseded"} 1',
    'culvert_session_refused_total{error_type="limit_exceeded"} 1',
  ]);
  await telemetry.close();
});
