/**
 * Variables of ours that a child process inherits; every other CULVERT_ one is set for it or not at all. Those of others are,
 * OpenTelemetry's OTEL_ ones among them: a cluster exports as the one who starts it says.
 */
const INHERITED = new Set([
  'CULVERT_LOG_LEVEL',
  'CULVERT_VERSION',
  'CULVERT_TEST_RUN',
  'CULVERT_SLO',
  'CULVERT_TRACE_SLOW_MS',
]);
/** Node's own test runner marks its children; a role is not one of them. */
const DROPPED = new Set(['NODE_TEST_CONTEXT', 'NODE_CHANNEL_FD']);

/** This process's environment without what was meant for it alone, and with `own`. */
export function childEnvironment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !DROPPED.has(name) && (!name.startsWith('CULVERT_') || INHERITED.has(name)),
  );
  return { ...Object.fromEntries(kept), ...own };
}
