import type { AccessArgs, CommandIo } from '@culvert/agent';
import type { Logger } from '@culvert/base';
import type { ProcessLogger } from '@culvert/service';
import type { Telemetry } from '@culvert/telemetry';
import { optionValue } from '../option-value.ts';
import { ownVersion } from '../own-version.ts';

/**
 * The process as the agent's commands see it. When a parent process started this one with an IPC channel (a local
 * cluster, the launcher), the end of that parent counts as SIGTERM: an agent must not outlive it.
 */
export async function agentIo(logger?: Logger, telemetry?: Telemetry): Promise<CommandIo> {
  const { processIo } = await import('@culvert/agent');
  const io = processIo(process.env, logger);
  return {
    ...io,
    ...(telemetry?.tracing ? { tracing: telemetry } : {}),
    onSignal(listener) {
      const stop = io.onSignal(listener);
      const onDisconnect = (): void => listener('SIGTERM');
      process.on('disconnect', onDisconnect);
      return () => {
        process.off('disconnect', onDisconnect);
        stop();
      };
    },
  };
}

/** What local.json offers: the API, and a key of the demo tenant, with which both an agent and a proxy work. */
export async function localAccess(): Promise<AccessArgs['local']> {
  const { findLocalJson } = await import('@culvert/local');
  const cluster = findLocalJson(process.cwd())?.cluster;
  return cluster && { api: cluster.api, key: cluster.demo?.key };
}

/** The agent's log, for whom its events are not enough: on stderr, with the fields of every other process's log. */
export async function agentLog(): Promise<ProcessLogger> {
  const { createProcessLogger, oneOf } = await import('@culvert/service');
  const levels = oneOf('debug', 'info', 'warn', 'error');
  const level = optionValue('CULVERT_LOG_LEVEL', process.env.CULVERT_LOG_LEVEL, levels) ?? 'info';
  return createProcessLogger(level, { role: 'agent', version: ownVersion() }, 2);
}
