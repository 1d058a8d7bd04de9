// The load generator, a process of its own: takes jobs over IPC, answers with what it saw.
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { ANSWER_BYTES, type Answer, DOWN, ECHO, type Job, REQUEST_BYTES, type Way } from './protocol.ts';

const DEADLINE_MS = 120_000;

/** A connection through the way, ready for the target's protocol; `onData` gets the target's bytes. */
function open(way: Way, onData: (bytes: number) => void, onEnd?: () => void): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  let established = way.connect === undefined;
  let head = '';
  const socket = connect({
    port: way.port,
    host: '127.0.0.1',
    noDelay: true,
    // One buffer for all reads: the generator should cost little beside what it measures.
    onread: {
      buffer: Buffer.allocUnsafe(262_144),
      callback: (bytes, buffer) => {
        if (established) onData(bytes);
        else {
          head += Buffer.from(buffer.buffer, buffer.byteOffset, bytes).toString('latin1');
          if (head.includes('\r\n\r\n')) {
            established = true;
            if (head.startsWith('HTTP/1.1 200')) resolve(socket);
            else reject(new Error(`the proxy answered ${head.split('\r\n')[0]}`));
          }
        }
        return true;
      },
    },
  });
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('the connection stood still')));
  socket.on('error', reject);
  if (onEnd !== undefined) socket.on('end', onEnd);
  socket.once('connect', () => {
    if (way.connect === undefined) resolve(socket);
    else {
      const { target, authorization } = way.connect;
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: ${authorization}\r\n\r\n`);
    }
  });
  return promise;
}

async function download(way: Way, bytes: number): Promise<void> {
  let received = 0;
  const ended = Promise.withResolvers<void>();
  const socket = await open(way, (count) => (received += count), ended.resolve);
  socket.on('error', ended.reject);
  socket.write(DOWN + bytes.toString(16).padStart(16, '0'));
  await ended.promise;
  socket.destroy();
  if (received !== bytes) throw new Error(`${received} bytes came of ${bytes}`);
}

/** One client that sends a request when the answer to the last one is in. */
async function client(way: Way): Promise<{ request(): Promise<void>; close(): void }> {
  let missing = 0;
  let first = true;
  let answered = Promise.withResolvers<void>();
  const socket = await open(way, (count) => {
    missing -= count;
    if (missing === 0) answered.resolve();
  });
  socket.on('error', (error) => answered.reject(error));
  return {
    request() {
      missing = ANSWER_BYTES;
      answered = Promise.withResolvers();
      socket.write((first ? ECHO : '') + 'x'.repeat(REQUEST_BYTES));
      first = false;
      return answered.promise;
    },
    close: () => socket.destroy(),
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function answer(startedMs: number, bytes: number, latencies: number[]): Answer {
  const seconds = (performance.now() - startedMs) / 1_000;
  latencies.sort((a, b) => a - b);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return { seconds, bytes, requests: latencies.length, p50, p99 };
}

async function warm(way: Way, connections: number, ms: number): Promise<Answer> {
  const clients = await Promise.all(Array.from({ length: connections }, () => client(way)));
  for (const one of clients) await one.request();
  const started = performance.now();
  const latencies: number[] = [];
  await Promise.all(
    clients.map(async (one) => {
      while (performance.now() < started + ms) {
        const sent = performance.now();
        await one.request();
        latencies.push(performance.now() - sent);
      }
      one.close();
    }),
  );
  return answer(started, 0, latencies);
}

async function cold(way: Way, count: number, connections = 1): Promise<Answer> {
  const started = performance.now();
  const latencies: number[] = [];
  let begun = 0;
  const lane = async (): Promise<void> => {
    for (; begun < count; ) {
      begun += 1;
      const sent = performance.now();
      const one = await client(way);
      await one.request();
      latencies.push(performance.now() - sent);
      one.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return answer(started, 0, latencies);
}

async function bulk(way: Way, streams: number, bytes: number): Promise<Answer> {
  const started = performance.now();
  await Promise.all(Array.from({ length: streams }, () => download(way, Math.floor(bytes / streams))));
  return answer(started, bytes, []);
}

/** Small requests, one after the other, while a download runs from before the first to after the last. */
async function beside(way: Way, ms: number): Promise<Answer> {
  let received = 0;
  const flowing = Promise.withResolvers<void>();
  const download = await open(way, (count) => {
    received += count;
    if (received > 1e7) flowing.resolve();
  });
  download.write(DOWN + (1e13).toString(16).padStart(16, '0'));
  await flowing.promise;
  const before = received;
  const result = await warm(way, 1, ms);
  const bytes = received - before;
  download.destroy();
  return { ...result, bytes };
}

function run(job: Job): Promise<Answer> {
  switch (job.kind) {
    case 'bulk':
      return bulk(job.way, job.streams, job.bytes);
    case 'warm':
      return warm(job.way, job.connections, job.ms);
    case 'cold':
      return cold(job.way, job.count, job.connections);
    case 'beside':
      return beside(job.way, job.ms);
  }
}

process.on('message', (job: Job) => {
  run(job).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: 0 });
