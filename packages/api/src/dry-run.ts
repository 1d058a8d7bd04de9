import { CulvertError, randomId, withDeadline } from '@culvert/base';
import type { Deployment, DeploymentRequest } from '@culvert/contracts';
import type { Principal } from './auth.ts';
import { createDeployment, deploymentIn, isAttended, viewOf } from './deployment-access.ts';
import type { ApiDeps } from './deps.ts';

/** One tick makes the forecast; this is for a deploy worker that has others at hand first. */
const FORECAST_DEADLINE_MS = 5_000;

/** Has the deploy worker look at the cluster and say what would happen. Rejects with `timeout` when none does. */
export async function dryRun(deps: ApiDeps, principal: Principal, request: DeploymentRequest): Promise<Deployment> {
  if (!(await isAttended(deps))) {
    throw new CulvertError('timeout', 'No deploy worker is running, and it is what makes the forecast.', {
      fix: 'Start a deploy worker: `culvert deployer`.',
    });
  }
  const { id } = await createDeployment(deps, principal, request);
  try {
    const { forecastDeadlineMs: ms = FORECAST_DEADLINE_MS } = deps;
    return await withDeadline(ms, 'the forecast', (late) => forecastOf(deps, id, late));
  } catch (error) {
    // Nobody waits for it any more, and it must not hold up what comes after it.
    await giveUp(deps, principal, id);
    throw error;
  }
}

/** Looks at each hint; whoever comes back from an outage of hints, too. */
async function forecastOf(deps: ApiDeps, id: string, late: AbortSignal): Promise<Deployment> {
  let changed = Promise.withResolvers<void>();
  const unsubscribe = deps.registry.onHint((hint) => {
    if (hint.kind === 'reset' || (hint.kind === 'deployment' && hint.id === id)) changed.resolve();
  });
  late.addEventListener('abort', unsubscribe);
  try {
    for (;;) {
      const record = await deploymentIn(deps, id);
      const { deployment } = viewOf(record);
      if (record.over || deployment.forecast !== null) return deployment;
      await changed.promise;
      changed = Promise.withResolvers();
    }
  } finally {
    unsubscribe();
  }
}

async function giveUp({ registry, now }: ApiDeps, { keyId }: Principal, id: string): Promise<void> {
  const command = { id: randomId('k'), verb: 'abort', node: null, byMs: null, by: keyId, atMs: now() };
  await registry.deployments.command(id, command);
}
