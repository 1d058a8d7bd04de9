import { CulvertError } from '@culvert/base';
import type { Deployment, DeploymentList } from '@culvert/contracts';
import type { Api } from './follow.ts';
import { isOver } from './states.ts';

/** As many as are kept. */
const KEPT = 200;
const PAGE = 100;
/** Names that an error message holds. */
const NAMED = 5;

/**
 * The deployment of this id, or of the only one that begins so (`d_` may be left out). Without an id the one under way, or,
 * if `orLast`, the last one. Rejects with `deployment_not_found`, naming what there is.
 */
export async function findDeployment(
  api: Api,
  given: string | undefined,
  { orLast }: { readonly orLast: boolean },
): Promise<Deployment> {
  if (given !== undefined) return byPrefix(api, given);
  const known = await allDeployments(api);
  // The oldest that is not over; those after it wait for their turn.
  const active = known.findLast((deployment) => !isOver(deployment));
  const found = active ?? (orLast ? known[0] : undefined);
  if (found !== undefined) return found;
  throw new CulvertError('deployment_not_found', 'no deployment is under way', {
    fix: known.length === 0 ? '`culvert deploy start` begins one.' : 'Name one; `culvert deploy ls` lists them.',
  });
}

/** The newest first. */
export async function allDeployments(api: Api, most = KEPT): Promise<Deployment[]> {
  const all: Deployment[] = [];
  for (let next: string | null = ''; next !== null && all.length < most; ) {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, most - all.length)) });
    if (next !== '') query.set('cursor', next);
    const page: DeploymentList = await api.call<DeploymentList>('GET', `/deployments?${query}`);
    all.push(...page.items);
    next = page.next;
  }
  return all;
}

async function byPrefix(api: Api, given: string): Promise<Deployment> {
  try {
    return await api.call<Deployment>('GET', `/deployments/${encodeURIComponent(given)}`);
  } catch (error) {
    // A prefix may look like no id at all.
    const isPrefix = error instanceof CulvertError && ['deployment_not_found', 'invalid_request'].includes(error.code);
    if (!isPrefix) throw error;
  }
  const matches = (await allDeployments(api)).filter(({ id }) => id.startsWith(given) || id.startsWith(`d_${given}`));
  const [found] = matches;
  if (found !== undefined && matches.length === 1) return found;
  const names = matches.slice(0, NAMED).map(({ id }) => id);
  const more = matches.length > NAMED ? ' …' : '';
  throw new CulvertError(
    'deployment_not_found',
    found === undefined ? `there is no deployment ${given}` : `${given} may be ${names.join(', ')}${more}`,
    { fix: found === undefined ? '`culvert deploy ls` lists them.' : 'Give more of its id.' },
  );
}
