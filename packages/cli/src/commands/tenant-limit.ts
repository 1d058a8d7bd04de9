import { CulvertError } from '@culvert/base';
import type { ChangeTenantBody, Tenant } from '@culvert/contracts';
import type { CommandContext } from '../command-context.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags } from '../target.ts';

export interface LimitFlags extends TargetFlags {
  readonly sessions?: string;
  readonly connections?: string;
}

/** `culvert tenants limit`. */
export async function limitTenant(id: string, flags: LimitFlags, { stdout }: CommandContext): Promise<void> {
  const body: ChangeTenantBody = { limits: limitsOf(flags) };
  const api = await openApi(flags);
  const tenant = await api.call<Tenant>('PATCH', `/tenants/${encodeURIComponent(id)}`, { body });
  const { sessions, connectionsPerSession } = tenant.limits;
  stdout.write(
    flags.json
      ? json(tenant)
      : `${id} may have ${sessions} sessions at one time, each with ${connectionsPerSession} connections\n`,
  );
}

function limitsOf({ sessions, connections }: LimitFlags): NonNullable<ChangeTenantBody['limits']> {
  if (sessions === undefined && connections === undefined) {
    throw new CulvertError('config_invalid', 'name the limit that is to change: --sessions N or --connections N');
  }
  return {
    ...(sessions === undefined ? {} : { sessions: count('--sessions', sessions, 0) }),
    ...(connections === undefined ? {} : { connectionsPerSession: count('--connections', connections, 1) }),
  };
}

/** @throws CulvertError config_invalid */
export function count(flag: string, given: string, least = 1): number {
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least) return value;
  throw new CulvertError('config_invalid', `${flag}: ${JSON.stringify(given)} is no whole number of ${least} or more`);
}
