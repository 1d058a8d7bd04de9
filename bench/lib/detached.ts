import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { residentBytes } from './children.ts';
import type { BenchCluster } from './cluster.ts';
import type { Way } from './protocol.ts';

const STREAMS = 1_000;
/** An agent dials no more than 256 targets at a time. */
const AT_ONCE = 100;
const DEADLINE_MS = 30_000;
/** What a browser may have under way when its worker dies. */
const WRITTEN_BYTES = 65_536;
/** Memory is looked at after a quiet while. */
const SETTLE_MS = 3_000;

interface Memory {
  readonly gateway: number;
  readonly agent: number;
}

/**
 * Resident memory of the two ends per connection that has lost its worker and found no other: with nothing under way, and
 * with 64 KB that the browser goes on sending. Kills the only worker.
 */
export async function measureDetached(bench: BenchCluster): Promise<string> {
  const [worker] = bench.cluster.workers;
  if (worker === undefined) throw new Error('there is no worker');
  process.stderr.write(`bench: ${STREAMS} connections lose their worker\n`);
  const before = memory(bench);
  const sockets: Socket[] = [];
  while (sockets.length < STREAMS) {
    sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => open(bench.ways.gateway)))));
  }
  try {
    const attached = await settled(bench);
    await worker.kill('SIGKILL');
    const detached = await settled(bench);
    for (const socket of sockets) socket.write(Buffer.alloc(WRITTEN_BYTES, 1));
    const written = await settled(bench);
    const lost = sockets.filter((socket) => socket.destroyed).length;
    if (lost > 0) throw new Error(`${lost} connections were lost`);
    const row = (name: string, now: Memory): string =>
      `| ${name} | ${each(now.gateway - before.gateway)} | ${each(now.agent - before.agent)} |`;
    return [
      `## ${STREAMS} connections without a worker`,
      '',
      '| resident memory per connection, KB | gateway | agent |',
      '|---|---|---|',
      row('open, idle', attached),
      row('detached, nothing under way', detached),
      row(`detached, ${WRITTEN_BYTES / 1_024} KB written by each browser`, written),
      '',
    ].join('\n');
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function memory({ ends }: BenchCluster): Memory {
  return { gateway: residentBytes(ends.gateway), agent: residentBytes(ends.agent) };
}

async function settled(bench: BenchCluster): Promise<Memory> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return memory(bench);
}

function each(bytes: number): string {
  return (bytes / STREAMS / 1_024).toFixed(1);
}

/** An open connection to the target. */
async function open({ port, connect: via }: Way): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });

  if (via === undefined) throw new Error('the way is no proxy');
  socket.write(
    `CONNECT ${via.target} HTTP/1.1\r\nHost: ${via.target}\r\nProxy-Authorization: ${via.authorization}\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [Buffer];
  if (!head.toString('latin1').startsWith('HTTP/1.1 200'))
    throw new Error(`the proxy answered ${head.toString('latin1', 0, 40)}`);
  return socket;
}
