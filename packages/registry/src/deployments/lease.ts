import { CulvertError } from '@culvert/base';
import type { Directory } from '../directory.ts';
import type { DeployLease } from './types.ts';

const MAX_LEASE_MS = 600_000;

/**
 * A holder is one life of one process (`node#boot`): two that call themselves the same would share the lease. Throws
 * `invalid_request` for a time that is not from 1 ms to 10 min.
 */
export async function takeLease(
  { scripts, keys, clock }: Directory,
  holder: string,
  forMs: number,
): Promise<DeployLease | undefined> {
  if (!Number.isInteger(forMs) || forMs < 1 || forMs > MAX_LEASE_MS) {
    throw new CulvertError('invalid_request', `a deploy lease is from 1 to ${MAX_LEASE_MS} ms`);
  }
  const reply = await scripts.run('deploy_lease', [keys.deploy.lease], { holder, forMs, seenMs: clock.seenMs });
  if (reply.oneOf('outcome', ['held', 'busy']) === 'busy') return undefined;
  return { fence: reply.integer('fence'), holder, untilMs: reply.integer('untilMs') };
}

/** Nothing to give up is no error: somebody else has taken it by then. */
export async function letGo({ scripts, keys }: Directory, { fence }: DeployLease): Promise<void> {
  await scripts.run('deploy_let_go', [keys.deploy.lease], { fence });
}
