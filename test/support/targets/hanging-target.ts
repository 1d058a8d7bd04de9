import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A thread that listens and then sleeps: the kernel goes on answering for it until its queue is full. */
const SLEEPER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer(() => undefined);
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // Off the stack first, so that the message leaves.
    setImmediate(() => {
      Atomics.wait(new Int32Array(workerData), 0, 0);
      process.exit();
    });
  });
`;
/** Linux queues one more than the backlog says. */
const QUEUED = 2;

/** A port of this machine on which a dial hangs: nobody accepts, and the queue is full. */
export async function startHangingTarget(): Promise<{ readonly port: number } & AsyncDisposable> {
  const wake = new SharedArrayBuffer(4);
  const sleeper = new Worker(SLEEPER, { eval: true, workerData: wake });
  const ended = once(sleeper, 'exit');
  const [port]: number[] = await once(sleeper, 'message');
  const fillers: Socket[] = [];
  for (let filled = 0; filled < QUEUED; filled += 1) {
    const filler = connect({ host: '127.0.0.1', port: port ?? 0 }).on('error', () => undefined);
    fillers.push(filler);
    await once(filler, 'connect');
  }
  return {
    port: port ?? 0,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      Atomics.notify(new Int32Array(wake), 0);
      await ended;
    },
  };
}
