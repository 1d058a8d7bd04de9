// The health check of the container image: whether this machine's role still answers on its admin address. Liveness
// only: a node that has no Redis for a while is not ready, and yet must not be restarted, for it would lose its links.
const DEADLINE_MS = 2_000;

/** The role's own variable; a wildcard address is asked on loopback. */
export function healthUrl(listen) {
  const match = /^(?<host>.+):(?<port>\d+)$/.exec(listen ?? '');
  if (match === null || match.groups.port === '0') {
    throw new Error('CULVERT_ADMIN_LISTEN names no fixed port to ask, such as 0.0.0.0:9090');
  }
  const { host, port } = match.groups;
  const asked = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }[host] ?? host;
  return `http://${asked}:${port}/healthz`;
}

if (import.meta.main) {
  try {
    const answer = await fetch(healthUrl(process.env.CULVERT_ADMIN_LISTEN), {
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    process.exitCode = answer.ok ? 0 : 1;
    if (!answer.ok) process.stderr.write(`health: ${answer.status}\n`);
  } catch (error) {
    process.stderr.write(`health: ${error.cause?.message ?? error.message}\n`);
    process.exitCode = 1;
  }
}
