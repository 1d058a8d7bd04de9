import { type Logger, randomId, silentLogger } from '@culvert/base';
import type { Telemetry } from '@culvert/telemetry';
import { ownVersion } from '../own-version.ts';

/**
 * What an agent or a local proxy exports, where the OTEL_* variables ask for it. Undefined: nothing, and nothing is loaded for
 * it, so that their start is as quick as ever. Throws `config_invalid` for variables that are wrong.
 */
export async function agentTelemetry(
  role: 'agent' | 'proxy',
  env: NodeJS.ProcessEnv,
  logger: Logger = silentLogger,
): Promise<Telemetry | undefined> {
  const { readExportConfig, startTelemetry } = await import('@culvert/telemetry');
  const { traces, metrics } = readExportConfig(env);
  if (traces.length + metrics.length === 0) return undefined;
  // A name for this life of the process: neither has one that others know it by.
  const nodeId = randomId(role === 'agent' ? 'a' : 'p');
  return startTelemetry({ role, version: ownVersion(), nodeId, env, logger });
}
