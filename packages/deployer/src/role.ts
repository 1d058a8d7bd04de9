import { hostname } from 'node:os';
import { NodePresence, Registry } from '@culvert/registry';
import { type CommonConfig, duration, type Role, type RoleContext } from '@culvert/service';
import { Housekeeper } from './housekeeper.ts';
import { sweepOnce } from './housekeeping.ts';

export interface DeployerConfig {
  /** Between two sweeps of the registry, in ms. */
  readonly sweepEveryMs: number;
}

/** The deploy worker: background jobs of the cluster. */
export const deployerRole: Role<DeployerConfig> = {
  name: 'deployer',
  options: {
    sweepEveryMs: {
      flag: '--sweep-every',
      env: 'CULVERT_SWEEP_EVERY',
      parser: duration(1_000, 3_600_000),
      default: 30_000,
      doc: 'how often what dead nodes left behind is removed',
    },
  },
  start,
};

async function start(config: DeployerConfig & CommonConfig, context: RoleContext) {
  const { scope, logger, health, fatal, stopping, id, boot, version, admin } = context;
  const registry = scope.own('registry', Registry.connect({ url: config.redis, prefix: config.redisPrefix, logger }));
  health.check('redis', () => registry.unavailableReason);

  const housekeeper = scope.own(
    'housekeeper',
    new Housekeeper({
      redis: config.redis,
      prefix: config.redisPrefix,
      work: () => sweepOnce({ registry, logger }),
      everyMs: config.sweepEveryMs,
      logger,
    }),
  );
  housekeeper.run().catch((error: unknown) => {
    if (!stopping.aborted) fatal('the job queue', error);
  });

  const node = {
    ...{ id, boot, role: 'deployer' as const, version, pool: 'default', host: hostname(), pid: process.pid },
    ...{ capacity: 0, admissionRate: 0, admin: await admin.listen() },
  };
  const load = () => ({ state: 'ready' as const, sessions: 0, connections: 0 });
  const onReplaced = (error: Error): void => context.fatal('the node', error);
  scope.own('presence', new NodePresence({ registry, node, load, logger, onReplaced })).start();
  return { addresses: {} };
}
