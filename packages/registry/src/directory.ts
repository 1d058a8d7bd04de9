import type { Logger } from '@culvert/base';
import type { Generation } from './generation.ts';
import type { Keys } from './keys.ts';
import type { RedisConnection } from './redis/connection.ts';
import type { RedisClock } from './redis-clock.ts';

/** What the parts of the registry share. */
export interface Directory {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: RedisClock;
  readonly generation: Generation;
  readonly logger: Logger;
  readonly commandTimeoutMs: number;
  /** Life of a node's lease after a beat, ms. */
  readonly leaseMs: number;
}
