import { CulvertError } from '@culvert/base';
import type { Deployment, DeploymentBody, DeploymentRequest } from '@culvert/contracts';
import type { StoredDeployment } from '@culvert/registry';
import { type DeploymentView, newDeployment } from '@culvert/service';
import { type Principal, requireRole } from './auth.ts';
import type { ApiDeps } from './deps.ts';

/** Rejects with `deployment_not_found`. */
export async function deploymentIn({ registry }: ApiDeps, id: string): Promise<StoredDeployment> {
  const record = await registry.deployments.get(id);
  if (record !== undefined) return record;
  throw new CulvertError('deployment_not_found');
}

/** What the record says of itself; the deploy worker writes it at each tick. */
export function viewOf({ view }: StoredDeployment): DeploymentView {
  return view as DeploymentView; // written by this release or a neighbour of it, which only adds fields
}

/** Is there a deploy worker that moves deployments on? */
export async function isAttended({ registry }: ApiDeps): Promise<boolean> {
  return (await registry.listNodes()).some(({ role, state }) => role === 'deployer' && state !== 'dead');
}

/** Throws `forbidden` for what would run code of one's own choice on the cluster's machines without an admin key. */
export function requireProvider(principal: Principal, body: Pick<DeploymentBody, 'provider'>): void {
  if (body.provider?.directory !== undefined) requireRole(principal, 'admin');
}

/** Stores a deployment for the deploy worker to take up. Rejects with `deployment_active`. */
export async function createDeployment(
  deps: ApiDeps,
  { keyId }: Principal,
  request: DeploymentRequest,
): Promise<Deployment> {
  const { registry, logger } = deps;
  const attended = await isAttended(deps);
  const record = newDeployment({ request, createdBy: keyId, nowMs: deps.now(), attended });
  const reply = await registry.deployments.create(record, { queue: request.queue });
  if (reply.outcome === 'busy') {
    const fix = `Wait for its end, end it (\`culvert deploy abort ${reply.active}\`), or ask with \`queue\`.`;
    throw new CulvertError('deployment_active', `Deployment ${reply.active} is under way.`, { fix });
  }
  const { kind, version, role, pool } = request;
  const fields = { event: 'deployment.create', deploy_id: record.id, kind, version, role, pool, key_id: keyId };
  logger.info(fields, `${kind} ${record.id} is created`);
  return record.view.deployment;
}
