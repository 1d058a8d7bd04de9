import type { ProbedNode, ProbedWay, ProbeReport } from '@culvert/contracts';

export const CHECKS = ['http', 'connect', 'websocket', 'body'] as const;

/** What each check does, in words. */
export const CHECK_WORDS: Readonly<Record<(typeof CHECKS)[number] | 'session', string>> = {
  http: 'HTTP request',
  connect: 'CONNECT',
  websocket: 'WebSocket',
  body: 'large body',
  session: 'session',
};

export interface Matrix {
  /** null: the worker's own address; it comes first. */
  readonly gateways: readonly (string | null)[];
  readonly workers: readonly string[];
  readonly way: (gateway: string | null, worker: string) => ProbedWay | undefined;
}

export function matrixOf(ways: readonly ProbedWay[]): Matrix {
  const byName = new Map(ways.map((way) => [`${way.gateway ?? ''} ${way.worker}`, way]));
  const gateways = [...new Set(ways.flatMap(({ gateway }) => gateway ?? []))].sort();
  return {
    gateways: ways.some(({ gateway }) => gateway === null) ? [null, ...gateways] : gateways,
    workers: [...new Set(ways.map(({ worker }) => worker))].sort(),
    way: (gateway, worker) => byName.get(`${gateway ?? ''} ${worker}`),
  };
}

/** `HTTP request 52 ms, CONNECT 58 ms` */
export function timesWords({ ms }: ProbedWay): string {
  return CHECKS.flatMap((check) => (ms[check] === undefined ? [] : [`${CHECK_WORDS[check]} ${ms[check]} ms`])).join(
    ', ',
  );
}

/** Rounds that should have come by now and did not make what is shown old. */
export function isStale({ at, everyMs }: Pick<ProbeReport, 'at' | 'everyMs'>, nowMs: number): boolean {
  return at !== null && everyMs !== null && nowMs - Date.parse(at) > 3 * everyMs + 10_000;
}

/** Down first, then those that failed last time. */
export function worstFirst(nodes: readonly ProbedNode[]): ProbedNode[] {
  const rank = ({ state, failures }: ProbedNode): number => (state === 'down' ? 2 : failures > 0 ? 1 : 0);
  return nodes.toSorted((a, b) => rank(b) - rank(a) || a.role.localeCompare(b.role) || a.id.localeCompare(b.id));
}

const ADVICE: Readonly<Record<string, string>> = {
  node_unreachable: 'Look whether its process lives and whether the network lets it be reached.',
  session_offline: 'The probe’s own session was not there: look whether the worker takes sessions.',
  no_worker_available: 'The worker takes no sessions now: look whether it is cordoned, full or cut off from Redis.',
  limit_exceeded: 'It has no room left: add workers, or look at what fills it.',
  overloaded: 'More agents come back than it admits a second: that passes.',
  draining: 'It takes no new work, which is so while it is drained or replaced.',
  registry_unavailable: 'Redis does not answer: culvert doctor says why.',
  timeout: 'It answered too late: look at its event-loop delay and its CPU.',
  link_timeout: 'The network between the two lets nothing through, or one of them is frozen.',
  target_reset: 'The connection broke off on its way: look at the log of the node.',
};

/** What to do about a failure. */
export function adviceOf(code: string, id: string): string {
  const command = `culvert logs --node ${id}`;
  const advice = ADVICE[code] ?? 'What the code means stands in docs/ERRORS.md.';
  return `${advice} Its log: ${command}`;
}
