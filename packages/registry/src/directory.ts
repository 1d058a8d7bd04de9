import type { Logger } from '@culvert/base';
import type { Keys } from './keys.ts';
import type { Memories } from './memory.ts';
import type { NodeTable } from './node-table.ts';
import type { RedisConnection } from './redis/connection.ts';
import type { ScriptRunner } from './redis/script-runner.ts';
import type { RedisClock } from './redis-clock.ts';

/** What the parts of the registry share. */
export interface Directory {
  readonly connection: RedisConnection;
  readonly scripts: ScriptRunner;
  readonly keys: Keys;
  readonly clock: RedisClock;
  readonly memories: Memories;
  readonly table: NodeTable;
  /** Revision of the settings that this process knows. */
  readonly settingsRevision: () => number;
  readonly logger: Logger;
  /** Life of a node's lease after a beat, ms. */
  readonly leaseMs: number;
  /** How old a data set is before it is believed to be whole, ms; see beat.lua. */
  readonly newMs: number;
  readonly lostMs: number;
}
