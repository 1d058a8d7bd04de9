import type { Registry } from '@culvert/registry';
import {
  ChaosClient,
  type CommonConfig,
  nullable,
  type OptionTable,
  type RoleContext,
  rootAdminKey,
  text,
} from '@culvert/service';
import { Conductor } from './conductor.ts';
import { redisRestarter } from './redis-restarter.ts';

/** A node that stands still is not waited for: the next look asks it again. ms. */
const ASK_MS = 800;

export interface ChaosConfig {
  /** Path of the socket of a local cluster's supervisor; null: there is none. */
  readonly supervisor: string | null;
  readonly chaosRedisCommand: string | null;
}

export const chaosOptions: OptionTable<ChaosConfig> = {
  supervisor: {
    flag: '--supervisor',
    env: 'CULVERT_SUPERVISOR',
    parser: nullable(text),
    default: null,
    doc: "socket of a local cluster's supervisor, which restarts its Redis in a rehearsal",
  },
  chaosRedisCommand: {
    flag: '--chaos-redis-command',
    env: 'CULVERT_CHAOS_REDIS_COMMAND',
    parser: nullable(text),
    default: null,
    doc: 'program that restarts Redis in a rehearsal; CULVERT_CHAOS_EMPTY and CULVERT_CHAOS_DOWN_MS tell it how',
  },
};

/** undefined: the configuration does not allow it. */
export function createConductor(
  config: ChaosConfig & CommonConfig,
  context: RoleContext,
  registry: Registry,
): Conductor | undefined {
  if (!config.chaos) return undefined;
  const { secret, logger, scope, id, boot } = context;
  const { supervisor, chaosRedisCommand: command } = config;
  const failed = (error: unknown): void =>
    logger.error({ event: 'chaos.command_failed', err: error }, 'the command that restarts Redis failed');
  const conductor = new Conductor({
    registry,
    client: new ChaosClient({ key: rootAdminKey(secret), deadlineMs: ASK_MS }),
    restartRedis: redisRestarter({ supervisor, command, secret, failed }),
    holder: `${id}#${boot}`,
    logger,
  });
  scope.own('rehearsals', conductor).start();
  return conductor;
}
