import type { AccessArgs, CommandIo } from '@culvert/agent';

/**
 * The process as the agent's commands see it. When a parent process started this one with an IPC channel (a local
 * cluster, the launcher), the end of that parent counts as SIGTERM: an agent must not outlive it.
 */
export async function agentIo(): Promise<CommandIo> {
  const { processIo } = await import('@culvert/agent');
  const io = processIo(process.env);
  return {
    ...io,
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
