import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asking, info } from './asking.ts';
import { TestServer } from './start-server.ts';
import { until } from './until.ts';

const PRIMARY = 'primary';
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;
const FAILOVER_TIMEOUT_MS = 3_000;

/** One primary, one replica and three sentinels, on loopback, all without persistence. */
export interface TestSentinel extends AsyncDisposable {
  /** `redis+sentinel://…` with all sentinels. */
  readonly url: string;
  readonly sentinelPorts: readonly number[];
  /** Of the primary and the replica, in no order. */
  readonly serverPorts: readonly number[];
  /** `redis://…` of the primary, as the sentinels see it now. */
  primaryUrl(): Promise<string>;
  /** In order: the replica has everything when it takes over. Resolves once the sentinels name it. */
  failOver(): Promise<void>;
  /** What is written to the primary after this is lost by a failover; what was written before is not. */
  cutReplication(): Promise<void>;
  /** SIGKILL. The replica (woken if replication was cut) takes over; see `promoted`. */
  killPrimary(): Promise<void>;
  /** SIGSTOP: it still believes itself the primary when it comes back. */
  freezePrimary(): void;
  /** Resolves once another server is the primary than the one that was killed or frozen. */
  promoted(): Promise<void>;
  /** Starts it again (empty), or wakes it (with its data, writable until a sentinel has demoted it). */
  oldPrimaryComesBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSentinel(): Promise<TestSentinel> {
  await using started = new AsyncDisposableStack();
  const primary = started.use(await startNode());
  const replica = started.use(await startNode(primary.port));
  await until('the replica is in step', async () => (await info(replica.port)).includes('master_link_status:up'));
  const sentinels = await Promise.all([0, 1, 2].map(() => startOneSentinel(primary.port)));
  for (const sentinel of sentinels) started.use(sentinel);
  const ports = sentinels.map(({ port }) => port);
  await until('the sentinels know each other', async () => {
    const views = await Promise.all(ports.map(describePrimary));
    return views.every((view) => view['num-other-sentinels'] === '2' && view['num-slaves'] === '1');
  });
  const servers = started.move();
  return new Sentinel(ports, [primary, replica], () => servers.disposeAsync());
}

class Sentinel implements TestSentinel {
  readonly url: string;
  readonly sentinelPorts: readonly number[];
  /** The primary first, as this test moved it. */
  #nodes: readonly [TestServer, TestServer];
  readonly #stop: () => Promise<void>;
  #isFrozen = false;

  constructor(ports: readonly number[], nodes: readonly [TestServer, TestServer], stop: () => Promise<void>) {
    this.sentinelPorts = ports;
    this.url = `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${PRIMARY}`;
    this.#nodes = nodes;
    this.#stop = stop;
  }

  async primaryUrl(): Promise<string> {
    return `redis://127.0.0.1:${await this.#namedPort()}`;
  }

  async failOver(): Promise<void> {
    await asking(this.sentinelPorts[0] ?? 0, (redis) => redis.call('SENTINEL', 'FAILOVER', PRIMARY));
    await this.promoted();
    const [old, next] = this.#nodes;
    // The sentinels do this, too, some ten seconds later.
    await asking(old.port, (redis) => redis.replicaof('127.0.0.1', next.port));
    this.#swap();
  }

  async cutReplication(): Promise<void> {
    const [primary, replica] = this.#nodes;
    await until('the replica has everything', async () => {
      const [has, sent] = await Promise.all([info(replica.port), info(primary.port)]);
      const offset = (text: string): string | undefined => /^master_repl_offset:(\d+)/m.exec(text)?.[1];
      return has.includes('master_link_status:up') && offset(has) === offset(sent);
    });
    // Frozen first, so that it cannot connect again; what is in its socket by then it has.
    replica.freeze();
    await asking(primary.port, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'replica'));
  }

  async killPrimary(): Promise<void> {
    const [primary, replica] = this.#nodes;
    await primary.kill();
    replica.thaw();
  }

  freezePrimary(): void {
    const [primary, replica] = this.#nodes;
    primary.freeze();
    replica.thaw();
    this.#isFrozen = true;
  }

  async promoted(): Promise<void> {
    const [, next] = this.#nodes;
    await until('the replica is the primary', async () => {
      const named = await Promise.all(this.sentinelPorts.map(namedPort));
      return named.every((port) => port === next.port) && (await info(next.port)).includes('role:master');
    });
  }

  async oldPrimaryComesBack(): Promise<void> {
    const [old] = this.#nodes;
    if (this.#isFrozen) old.thaw();
    else await old.restart();
    this.#isFrozen = false;
    this.#swap();
  }

  get serverPorts(): readonly number[] {
    return this.#nodes.map(({ port }) => port);
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }

  async #namedPort(): Promise<number> {
    return namedPort(this.sentinelPorts[0] ?? 0);
  }

  #swap(): void {
    const [old, next] = this.#nodes;
    this.#nodes = [next, old];
  }
}

function startNode(replicaOf?: number): Promise<TestServer> {
  return TestServer.start({
    args: (port, dir) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'],
      ...['--repl-diskless-sync-delay', '0', '--repl-timeout', '60'],
      ...(replicaOf === undefined ? [] : ['--replicaof', `127.0.0.1 ${replicaOf}`]),
    ],
  });
}

/** Sentinels write into their configuration, so each has a file of its own. */
function startOneSentinel(primaryPort: number): Promise<TestServer> {
  return TestServer.start({
    readyLine: '+monitor master',
    async args(port, dir) {
      const file = join(dir, 'sentinel.conf');
      await writeFile(
        file,
        `port ${port}
bind 127.0.0.1
dir ${dir}
sentinel monitor ${PRIMARY} 127.0.0.1 ${primaryPort} ${QUORUM}
sentinel down-after-milliseconds ${PRIMARY} ${DOWN_AFTER_MS}
sentinel failover-timeout ${PRIMARY} ${FAILOVER_TIMEOUT_MS}
`,
      );
      return [file, '--sentinel'];
    },
  });
}

function namedPort(sentinelPort: number): Promise<number> {
  return asking(sentinelPort, async (redis) => {
    const reply = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY);
    return Number(Array.isArray(reply) ? reply[1] : 0);
  });
}

function describePrimary(sentinelPort: number): Promise<Record<string, string>> {
  return asking(sentinelPort, async (redis) => {
    const flat = await redis.call('SENTINEL', 'MASTER', PRIMARY);
    const pairs: Record<string, string> = {};
    if (Array.isArray(flat)) for (let i = 0; i < flat.length; i += 2) pairs[String(flat[i])] = String(flat[i + 1]);
    return pairs;
  });
}
