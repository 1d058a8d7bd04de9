import type { Logger } from '@culvert/base';
import type { StoredDeployment } from '@culvert/registry';
import type { RecordKeeper } from './record-keeper.ts';
import type { Core, EngineRegistry } from './world.ts';

export interface RestoreOptions {
  readonly registry: Pick<EngineRegistry, 'deployments' | 'status'>;
  readonly core: Pick<Core, 'begin'>;
  readonly keeper: RecordKeeper;
  readonly logger: Logger;
}

/**
 * The deployment under way, which is kept for the case that Redis loses it. One that Redis has lost is put back, marked so that
 * the core does nothing more before a person says so: what became of its nodes meanwhile is not known.
 */
export async function activeOrRestored(options: RestoreOptions): Promise<StoredDeployment | undefined> {
  const { registry, keeper, logger } = options;
  const { deployments } = registry;
  const status = await registry.status();
  const active = await deployments.active();
  if (active !== undefined) {
    if (status.round !== null && !status.recovering) keeper.keep(active, status.round);
    return active;
  }
  const known = keeper.kept;
  if (known === undefined) return undefined;
  const { record, round } = known;
  // It ended under another deploy worker, or is as old as what Redis forgets by itself.
  if (status.round === round || (await deployments.get(record.id)) !== undefined) {
    keeper.forget();
    return undefined;
  }
  // Nothing is certain yet in the new data set.
  if (status.round === null || status.recovering) return undefined;
  const restored = marked(options, record);
  if (await deployments.restore(restored)) {
    logger.warn({ event: 'deploy.restored', deploy_id: record.id, round: status.round }, 'Redis had lost a deployment');
  }
  return deployments.active();
}

function marked({ core }: RestoreOptions, record: StoredDeployment): StoredDeployment {
  const state = core.begin(record);
  return { ...record, core: { ...state, notes: { ...state.notes, restored: true } } };
}
