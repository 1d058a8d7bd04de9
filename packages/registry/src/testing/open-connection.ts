import { silentLogger, systemClock } from '@culvert/base';
import { RedisConnection } from '../redis/connection.ts';
import { HintSubscriber } from '../redis/subscriber.ts';
import { RedisClock } from '../redis-clock.ts';
import type { Hint } from '../types.ts';

const COMMAND_TIMEOUT_MS = 1_000;
/** Longer than any failover of these tests takes, on a busy machine. */
const PATIENCE_MS = 20_000;

/** What a registry has of connections: one for commands, one for hints, without the registry itself. */
export interface TestConnection extends AsyncDisposable {
  readonly connection: RedisConnection;
  readonly hints: HintSubscriber;
  readonly clock: RedisClock;
  /** Resolves once commands can be run, and hints are heard. Rejects with the reason if that takes too long. */
  usable(): Promise<void>;
  /** Resolves once it is down for a reason like this. */
  down(reason: RegExp): Promise<void>;
  /** The next hint of that kind. */
  hint(kind: Hint['kind']): Promise<Hint>;
  /** The port of the server that it talks to. */
  port(): Promise<number>;
}

/** Opens them at once; `tag` is the hash tag of the keys. */
export function openConnection(url: string, tag = 'culvert'): TestConnection {
  const clock = new RedisClock(systemClock);
  const connection = new RedisConnection({
    ...{ url, clock, logger: silentLogger, commandTimeoutMs: COMMAND_TIMEOUT_MS },
    probeKey: `{${tag}}:probe`,
  });
  const hints = new HintSubscriber(connection.address, [`{${tag}}:hints`], COMMAND_TIMEOUT_MS, silentLogger);
  connection.open();
  hints.open();

  /** Resolves once `isSo`, which is looked at again at each change of either. */
  const when = (what: string, isSo: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isSo()) return;
        clearTimeout(timer);
        for (const remove of removers) remove();
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`not ${what}: ${connection.reason}`)), PATIENCE_MS);
      const removers = [connection.onAvailability(look), hints.on(look)];
      look();
    });

  return {
    connection,
    hints,
    clock,
    usable: () => when('usable', () => connection.up && hints.live),
    down: (reason) => when(`down because ${reason}`, () => !connection.up && reason.test(connection.reason)),
    hint: (kind) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no hint ${kind}`)), PATIENCE_MS);
        const remove = hints.on((hint) => {
          if (hint.kind !== kind) return;
          clearTimeout(timer);
          remove();
          resolve(hint);
        });
      }),
    async port() {
      const info = await connection.command('INFO', (redis) => redis.info('server'));
      return Number(/tcp_port:(\d+)/.exec(info)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([connection.close(), hints.close()]);
    },
  };
}
