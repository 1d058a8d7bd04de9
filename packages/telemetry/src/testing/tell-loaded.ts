// Starts telemetry as the environment wants it, uses it, and prints what was loaded by then: a JSON list of URLs.
import { registerHooks } from 'node:module';
import { silentLogger } from '@culvert/base';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
// Imported here, so that the hook above sees it.
const { startTelemetry } = await import('../telemetry.ts');
const about = { role: 'worker', version: '1', nodeId: 'worker-1', logger: silentLogger };
const telemetry = await startTelemetry({ ...about, env: process.env });
telemetry.tracer.startSpan('connection').end();
if (!(await telemetry.text()).includes('culvert_build_info')) throw new Error('it shows no metrics');
await telemetry.close();
process.stdout.write(JSON.stringify(loaded));
