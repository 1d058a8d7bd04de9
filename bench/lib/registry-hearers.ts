// As many subscribers of the hints as a cluster has processes; they only read. What it costs Redis to tell them is real.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createKeys } from '@culvert/registry';
import { serveJobs } from './registry-jobs.ts';

const [, , port = '0', count = '0'] = process.argv;
let bytes = 0;

async function subscribe(): Promise<Socket> {
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    onread: {
      buffer: new Uint8Array(65_536),
      callback: (size) => {
        bytes += size;
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.write(`SUBSCRIBE ${createKeys().hints}\r\n`);
  return socket;
}

for (let i = 0; i < Number(count); i += 1) await subscribe();

/** Answers how many bytes all of them have heard. */
serveJobs(async () => bytes);
