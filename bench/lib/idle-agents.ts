// Many agents without a connection, in one process: as many links, each with a session of its own. Says when all are up.
import { randomId, silentLogger } from '@culvert/base';
import { dialLink } from '@culvert/link';

const [, , api = '', count = '0'] = process.argv;
const key = process.env.CULVERT_KEY ?? '';
/** Dials under way at once. */
const PARALLEL = 64;

interface Opened {
  readonly link: { readonly url: string; readonly ticket: string };
}

async function openSession(): Promise<void> {
  const response = await fetch(`${api}/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(20_000),
  });
  if (response.status !== 201) throw new Error(`POST /sessions: ${response.status} ${await response.text()}`);
  const { link } = (await response.json()) as Opened;
  await dialLink({
    url: link.url,
    token: link.ticket,
    role: 'agent',
    id: randomId('a'),
    software: 'bench/0',
    deadlineMs: 20_000,
    accept: (pending) => pending.refuse('target_denied', 'this agent is idle'),
    logger: silentLogger,
  });
}

let left = Number(count);
async function work(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await openSession();
  }
}
await Promise.all(Array.from({ length: PARALLEL }, work));
process.send?.({ port: 0 });
process.on('disconnect', () => process.exit(0));
