import type { DeploymentRequest } from '@culvert/contracts';
import { durationText } from './durations.ts';

const POLICIES = { move: 'are moved with their connections', wait: 'are waited for' } as const;

/** Name and value of each setting that means something for this request. */
export function requestRows(request: DeploymentRequest): [string, string][] {
  const { kind, version, role, pool, node, strategy, policy, batch, surge, canary, provider } = request;
  const rows: ([string, string] | false)[] = [
    version !== '' && ['Version', version],
    ['Role', role],
    ['Pool', pool],
    kind === 'rehearsal' && ['Node', node ?? 'any'],
    kind === 'release' && ['Strategy', strategy],
    ['Busy sessions', POLICIES[policy]],
    ['Batch', String(batch)],
    strategy === 'surge' && ['Surge', String(surge)],
    canary !== null && ['Canary', canaryWords(canary)],
    canary === null && role === 'worker' && ['Watched for', durationText(request.analyzeMs)],
    strategy === 'blue-green' && ['Kept warm for', durationText(request.keepWarmMs)],
    ['Deadline', durationText(request.deadlineMs)],
    ['When it has passed', request.onDeadline],
    request.hold && ['Held', 'until promote'],
    request.queue && ['Queued', 'if another one was under way'],
    request.inWindow && ['Only', 'in a maintenance window'],
    request.dryRun && ['Dry run', 'nothing is touched'],
    kind === 'release' && ['Node provider', [provider.kind, provider.directory ?? ''].join(' ').trim()],
  ];
  return rows.filter((row) => row !== false);
}

function canaryWords({ percent, tenants, analyzeMs }: NonNullable<DeploymentRequest['canary']>): string {
  const whose = tenants === undefined ? `${percent ?? 0} % of new sessions` : `new sessions of ${tenants.join(', ')}`;
  return `${whose}, watched for ${durationText(analyzeMs)}`;
}
