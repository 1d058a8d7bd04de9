import assert from 'node:assert/strict';
import { it } from 'node:test';
import { instruments } from './instruments.ts';
import { createMetrics } from './metrics.ts';

it('what a gauge shows is what was observed now; what has ended is not shown any more', async () => {
  const telemetry = createMetrics({ role: 'deployer', version: '1.2.3', node_id: 'd1' });
  let nodes = ['g1', 'g2'];
  const make = instruments(telemetry.meter);
  make.gauge('culvert.probe.up').addCallback((result) => {
    for (const node of nodes) result.observe(1, { 'culvert.node.id': node, role: 'gateway' });
  });
  const opened = make.counter('culvert.session.opened');
  opened.add(1, { how: 'new' });
  const shown = async (name: string): Promise<string[]> =>
    (await telemetry.text()).split('\n').flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []));
  const [g1, g2] = nodes.map((node) => `{culvert_node_id="${node}",role="gateway"} 1`);
  assert.deepEqual(await shown('culvert_probe_up'), [g1, g2]);
  nodes = ['g2'];
  assert.deepEqual(await shown('culvert_probe_up'), [g2]);
  opened.add(1, { how: 'moved' });
  const sessions = ['{how="new"} 1', '{how="moved"} 1'];
  assert.deepEqual(await shown('culvert_session_opened_total'), sessions, 'counters are cumulative');
  await telemetry.close();
});
