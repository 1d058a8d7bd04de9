import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMetrics } from '@culvert/telemetry/testing';
import type { CoreState, Unit } from './core/types.ts';
import { meteredEngine } from './deploy-metrics.ts';

const evidence = (step: string, tookMs: number) => ({ step, outcome: 'ok', at: '', tookMs, detail: '', facts: {} });
const unit = (...steps: readonly ReturnType<typeof evidence>[]): Unit => ({ evidence: steps }) as unknown as Unit;
/** All that is looked at of a deployment. */
const state = (name: string, ...units: readonly Unit[]): CoreState =>
  ({ state: name, request: { strategy: 'rolling' }, units }) as unknown as CoreState;

it('steps are timed once, ticks by what came of them, and an end is counted', async () => {
  const telemetry = createMetrics({ role: 'deployer', version: '1.2.3', node_id: 'd1' });
  const watch = meteredEngine(telemetry.meter);
  const shown = async (name: string): Promise<string[]> =>
    (await telemetry.text()).split('\n').filter((line) => line.startsWith(`culvert_deployment_${name}`));
  const [cordon, drain, other] = [evidence('cordon', 500), evidence('busy', 4_000), evidence('cordon', 1_500)];
  const active = async (): Promise<string[]> => (await shown('active')).filter((line) => !line.endsWith(' 0'));
  assert.deepEqual(await active(), []);
  watch.saw({ state: 'pending' });
  assert.deepEqual(await active(), ['culvert_deployment_active{state="pending"} 1']);
  watch.ticked('done', 20);
  watch.ticked('failed', 5);
  watch.committed(state('pending', unit(), unit()), state('running', unit(cordon), unit()));
  assert.deepEqual(await active(), ['culvert_deployment_active{state="running"} 1']);
  watch.committed(state('running', unit(cordon), unit()), state('succeeded', unit(cordon, drain), unit(other)));
  assert.deepEqual(await shown('step_duration_seconds_sum'), [
    'culvert_deployment_step_duration_seconds_sum{step="cordon",outcome="ok"} 2',
    'culvert_deployment_step_duration_seconds_sum{step="busy",outcome="ok"} 4',
  ]);
  assert.deepEqual(await shown('tick_duration_seconds_count'), [
    'culvert_deployment_tick_duration_seconds_count{outcome="done"} 1',
    'culvert_deployment_tick_duration_seconds_count{outcome="failed"} 1',
  ]);
  assert.deepEqual(await shown('finished'), [
    'culvert_deployment_finished_total{state="succeeded",strategy="rolling"} 1',
  ]);
  assert.deepEqual(await active(), [], 'there is none any more');
  await telemetry.close();
});
