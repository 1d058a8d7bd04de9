import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CANARY_TENANT } from '@culvert/contracts';
import { CarriedBytes } from './carried-bytes.ts';
import type { StreamSummary } from './tracked-stream.ts';

const SUMMARY: StreamSummary = { closedBy: 'target', reason: 'end', message: '', bytesIn: 0, bytesOut: 0 };
const target = { host: 'app', port: 80 };

it('what a proxy front has carried is that of open and of closed connections, without those of probes', () => {
  const carried = new CarriedBytes();
  const begin = (tenantId: string) =>
    carried.connecting({ sessionId: 's', tenantId, connectionId: 'c', kind: 'connect', target });
  const stream = { bytesSent: 10, bytesReceived: 100, unacknowledged: 0, unconsumed: 0, window: 0 };
  const one = begin('acme');
  begin('acme').closed(SUMMARY, 1); // one that never opened
  one.opened(1, stream);
  begin(CANARY_TENANT).opened(1, { ...stream, bytesSent: 7_000 });
  assert.deepEqual(carried.read(), { bytesIn: 10, bytesOut: 100 });
  stream.bytesSent += 5;
  assert.deepEqual(carried.read(), { bytesIn: 15, bytesOut: 100 });
  stream.bytesReceived += 1;
  one.closed(SUMMARY, 1);
  stream.bytesSent += 1_000;
  assert.deepEqual(carried.read(), { bytesIn: 15, bytesOut: 101 });
});
