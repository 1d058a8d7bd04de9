// As many subscribers of the hints as a large cluster has processes: those who route hear of every session, workers of their
// own. They only read. What it costs Redis to tell them is real.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createKeys } from '@culvert/registry';
import { serveJobs } from './registry-jobs.ts';

const [, , port = '0', routers = '0', workers = '0'] = process.argv;
const keys = createKeys();
let bytes = 0;

async function subscribe(sessions: string): Promise<Socket> {
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
  socket.write(`SUBSCRIBE ${keys.hints} ${sessions}\r\n`);
  return socket;
}

for (let i = 0; i < Number(routers); i += 1) await subscribe(keys.sessionHints);
for (let i = 0; i < Number(workers); i += 1) await subscribe(keys.ownerHints(`w${i}`));

/** Answers how many bytes all of them have heard. */
serveJobs(async () => bytes);
