import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CANARY_TENANT } from '@culvert/contracts';
import type { Telemetry } from '@culvert/telemetry';
import { createMetrics } from '@culvert/telemetry/testing';
import { observeLinks } from './link-metrics.ts';
import { meteredConnections } from './metered-connections.ts';
import type { ConnectionObserver, EdgeObserver } from './observer.ts';
import { tenantMeter } from './tenant-metrics.ts';
import type { StreamSummary } from './tracked-stream.ts';

const SUMMARY: StreamSummary = { closedBy: 'target', reason: 'end', message: '', bytesIn: 0, bytesOut: 0 };

describe('metrics of connections', () => {
  let telemetry: Telemetry;
  let edge: EdgeObserver;
  beforeEach(() => {
    telemetry = createMetrics({ role: 'gateway', version: '1.2.3', node_id: 'g1' });
    edge = meteredConnections(telemetry.meter);
  });
  afterEach(() => telemetry.close());

  function begin(number: number, tenantId = 'acme'): ConnectionObserver {
    const target = { host: 'app', port: 80 };
    return edge.connecting({ sessionId: 's', tenantId, connectionId: `c_${number}`, kind: 'connect', target });
  }

  /** The series whose name and labels begin so, as `labels value`. */
  async function shown(name: string): Promise<string[]> {
    const lines = (await telemetry.text()).split('\n');
    return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
  }

  it('bytes are those of open and of closed connections; buffers and windows those of open ones', async () => {
    const streams = [1, 2].map((of) => ({
      ...{ bytesSent: 10 * of, bytesReceived: 100 * of, unacknowledged: of, unconsumed: 2 * of, window: 1_000 * of },
    }));
    const all = streams.map((stream, i) => {
      const one = begin(i);
      one.opened(5, stream);
      return { one, stream };
    });
    assert.deepEqual(await shown('culvert_connection_io_bytes_total'), [
      '{network_io_direction="transmit"} 30',
      '{network_io_direction="receive"} 300',
    ]);
    const [first, second] = all;
    assert.ok(first && second);
    first.stream.bytesSent += 1; // after the last look
    first.one.closed(SUMMARY, 1_000);
    second.stream.bytesReceived += 1;
    assert.deepEqual(await shown('culvert_connection_io_bytes_total'), [
      '{network_io_direction="transmit"} 31',
      '{network_io_direction="receive"} 301',
    ]);
    assert.deepEqual(await shown('culvert_stream_buffered_bytes'), ['{side="send"} 2', '{side="receive"} 4']);
    assert.deepEqual(await shown('culvert_stream_window_bytes'), [' 2000']);
    assert.deepEqual(await shown('culvert_connection_active'), ['{kind="connect"} 1']);
  });

  it('connections of probes are not among them', async () => {
    const stream = { bytesSent: 1, bytesReceived: 1, unacknowledged: 0, unconsumed: 0, window: 1 };
    begin(1, CANARY_TENANT).opened(1, stream);
    begin(2).opened(1, stream);
    assert.deepEqual(await shown('culvert_connection_opened_total'), ['{kind="connect"} 1']);
    assert.deepEqual(await shown('culvert_stream_window_bytes'), [' 1']);
  });

  it('a connection without a path is shown until it goes on, or ends', async () => {
    const stream = { bytesSent: 0, bytesReceived: 0, unacknowledged: 0, unconsumed: 0, window: 0 };
    const all = [1, 2, 3].map((number) => begin(number));
    for (const one of all) one.opened(1, stream);
    for (const one of all) one.detached('link_lost', 'w1');
    assert.deepEqual(await shown('culvert_connection_detached'), [' 3']);
    const [resumed, lost, ended] = all;
    resumed?.resumed({ gapMs: 40, replayedBytes: 7, from: 'w1', to: 'w2' });
    lost?.lost('resume_expired', 60_000);
    lost?.closed({ ...SUMMARY, closedBy: 'culvert', reason: 'resume_expired' }, 1);
    ended?.closed(SUMMARY, 1);
    assert.deepEqual(await shown('culvert_connection_detached'), [' 0']);
    assert.deepEqual(await shown('culvert_connection_replayed_bytes_total'), [' 7']);
    assert.deepEqual(await shown('culvert_connection_lost_total'), ['{reason="resume_expired"} 1']);
    assert.deepEqual(await shown('culvert_connection_gap_duration_seconds_sum'), [' 0.04']);
  });

  it('1,000 tenants are 201 series of each outcome, and all of their connections are counted', async () => {
    const count = tenantMeter(telemetry.meter);
    for (let round = 0; round < 2; round += 1) for (let i = 0; i < 1_000; i += 1) count(`t_${i}`, 'opened');
    const series = await shown('culvert_tenant_connections_total');
    assert.equal(series.length, 201);
    assert.ok(series.includes('{culvert_tenant_id="~other",outcome="opened"} 1600'), String(series.at(-1)));
    assert.equal(
      series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
      2_000,
    );
  });

  it('links of one kind of peer are one series, which ends at 0', async () => {
    const link = { peer: 'agent', active: 1, queuedBytes: 5 } as const;
    let proxies = [{ peer: 'proxy', active: 1, queuedBytes: 0 } as const];
    observeLinks(telemetry.meter, () => [link, link, ...proxies]);
    assert.deepEqual(await shown('culvert_link_active'), ['{peer="agent"} 2', '{peer="proxy"} 1']);
    assert.deepEqual(await shown('culvert_link_queued_bytes'), ['{peer="agent"} 10', '{peer="proxy"} 0']);
    proxies = [];
    assert.deepEqual(await shown('culvert_link_active'), ['{peer="agent"} 2', '{peer="proxy"} 0'], 'the last one left');
  });

  it('a counter without attributes is there before its first event', async () => {
    assert.deepEqual(await shown('culvert_connection_resumed_total'), [' 0']);
  });
});
