import { CulvertError } from '@culvert/base';
import type { DeploymentBody, DeploymentRequest, RehearsalBody } from '@culvert/contracts';

const DEFAULTS = { deadlineMs: 600_000, rehearsalDeadlineMs: 60_000, keepWarmMs: 60_000, analyzeMs: 2_000 } as const;

/** What the body asks for, with every default filled in. Throws `invalid_request` for fields that contradict each other. */
export function fillRequest(body: DeploymentBody): DeploymentRequest {
  const { version, role = 'worker', pool = 'default', strategy = 'rolling', batch = 1 } = body;
  const request: DeploymentRequest = {
    ...{ kind: 'release', version, role, pool, node: null, strategy, batch },
    policy: body.policy ?? 'move',
    surge: strategy === 'surge' ? (body.surge ?? batch) : 0,
    canary: body.canary ?? null,
    analyzeMs: body.analyzeMs ?? (role === 'worker' ? DEFAULTS.analyzeMs : 0),
    keepWarmMs: strategy === 'blue-green' ? (body.keepWarmMs ?? DEFAULTS.keepWarmMs) : 0,
    deadlineMs: body.deadlineMs ?? DEFAULTS.deadlineMs,
    onDeadline: body.onDeadline ?? 'pause',
    hold: body.hold ?? false,
    queue: body.queue ?? false,
    inWindow: body.inWindow ?? false,
    dryRun: body.dryRun ?? false,
    provider: body.provider ?? { kind: 'process' },
  };
  check(body, request);
  return request;
}

/** `pool`: that of the node, if one is named. A rehearsal never keeps others waiting: at its deadline it takes itself back. */
export function fillRehearsal(body: RehearsalBody, pool?: string): DeploymentRequest {
  return {
    ...{ kind: 'rehearsal', version: '', role: 'worker', node: body.node ?? null },
    pool: body.pool ?? pool ?? 'default',
    ...{ strategy: 'rolling', policy: 'move', batch: 1, surge: 0, canary: null, analyzeMs: 0, keepWarmMs: 0 },
    deadlineMs: body.deadlineMs ?? DEFAULTS.rehearsalDeadlineMs,
    ...{ onDeadline: 'abort', hold: false, queue: false, inWindow: false, dryRun: false },
    provider: { kind: 'process' },
  };
}

function check(body: DeploymentBody, { role, strategy, dryRun, queue, provider, version }: DeploymentRequest): void {
  const { canary } = body;
  if (role !== 'worker') {
    const only = strategy === 'rolling' && (body.analyzeMs ?? 0) === 0;
    refuseIf(!only, `A ${role} holds no sessions: only strategy rolling replaces it, and there is nothing to analyze.`);
  }
  refuseIf(
    strategy === 'canary' && canary === undefined,
    'canary: say which share of new sessions, or whose, it gets.',
  );
  refuseIf(strategy !== 'canary' && canary !== undefined, `canary: the strategy is ${strategy}, which has none.`);
  if (canary !== undefined) {
    const both = canary.percent !== undefined && canary.tenants !== undefined;
    refuseIf(both, 'canary: percent or tenants, not both.');
    refuseIf(canary.percent === undefined && canary.tenants === undefined, 'canary: percent or tenants is missing.');
  }
  refuseIf(strategy !== 'surge' && body.surge !== undefined, `surge: the strategy is ${strategy}; use surge.`);
  refuseIf(
    strategy !== 'blue-green' && body.keepWarmMs !== undefined,
    `keepWarmMs: the strategy is ${strategy}; only blue-green keeps the old nodes.`,
  );
  refuseIf(dryRun && queue, 'queue: a dry run answers now; it cannot wait for its turn.');
  refuseIf(
    provider.kind !== 'process' && provider.directory !== undefined,
    'provider.directory: only of kind process.',
  );
  refuseIf(
    provider.kind === 'kubernetes' && version.includes('+'),
    "version: it is an image's tag with provider kubernetes, which can't have a plus sign.",
  );
}

function refuseIf(wrong: boolean, detail: string): void {
  if (wrong) throw new CulvertError('invalid_request', detail);
}
