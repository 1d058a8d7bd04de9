// Customers, in a process of their own: many agents, and the private app that they reach. Talks with its parent over IPC.
import process from 'node:process';
import { type Agent, type AgentEvent, connectAgent } from '@culvert/agent';
import type { ServedSession } from '../traffic/traffic.ts';
import { startPrivateApp } from './app.ts';
import type { CustomersSeen, CustomersSetup, FromCustomers, ToCustomers } from './protocol.ts';

/** A name that nobody but these agents resolves. */
const HOST = 'app.internal';
/** Agents that open their sessions at once; more would only wait for their slots. */
const PARALLEL = 20;
/** Between two messages. */
const MAX_GAPS = 5_000;
const MAX_ENDED = 100;
const MAX_CONNECTIONS = 20_000;
const TELL_EVERY_MS = 1_000;

// Ctrl-C goes to the whole group: the parent decides when the customers leave. Without a parent there is nothing to do.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit(1));

const setup = JSON.parse(process.argv[2] ?? '') as CustomersSetup;
const key = process.env.CULVERT_KEY ?? '';
const app = await startPrivateApp();
const agents: Agent[] = [];
let leaving = false;
let links = 0;
let sessions = 0;
let resumed = 0;
let gapsMs: number[] = [];
const ended: string[] = [];

function onEvent(event: AgentEvent): void {
  if (event.event === 'link.up') links += 1;
  else if (event.event === 'session.open') sessions += 1;
  else if (event.event === 'connection.resume') {
    resumed += 1;
    if (gapsMs.length < MAX_GAPS) gapsMs.push(event.gapMs);
  } else if (event.event === 'closed' && !leaving && ended.length < MAX_ENDED) {
    ended.push('message' in event ? event.message : event.outcome);
  }
}

async function open(): Promise<ServedSession> {
  const agent = connectAgent({
    ...{ api: setup.api, key, onEvent, maxConnections: MAX_CONNECTIONS, maxDials: 1_024 },
    ...{ allow: [HOST], hosts: { [HOST]: '127.0.0.1' } },
  });
  agents.push(agent);
  const linked = Promise.withResolvers<void>();
  agent.onEvent(({ event }) => event === 'link.up' && linked.resolve());
  if (agent.linked) linked.resolve();
  const { sessionId, proxy } = await agent.ready;
  await Promise.race([linked.promise, agent.ended]);
  const { username, password } = new URL(proxy);
  const credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { sessionId, ...credentials, host: HOST, webPort: app.webPort, echoPort: app.echoPort };
}

async function openAll(): Promise<ServedSession[]> {
  const served: ServedSession[] = [];
  let left = setup.agents;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      served.push(await open());
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, setup.agents) }, work));
  return served;
}

function seen(): CustomersSeen {
  const now = { reconnects: Math.max(0, links - sessions), resumed, gapsMs, accepted: app.accepted, ended };
  gapsMs = [];
  return now;
}

function tell(message: FromCustomers): void {
  process.send?.(message);
}

async function leave(): Promise<void> {
  leaving = true;
  clearInterval(timer);
  await Promise.all(agents.map((agent) => agent.close({ deadlineMs: 0 })));
  const last = seen();
  await app.close();
  process.send?.({ kind: 'left', seen: last } satisfies FromCustomers, () => process.exit(0));
}

const timer = setInterval(() => tell({ kind: 'seen', seen: seen() }), TELL_EVERY_MS);
process.on('message', ({ kind }: ToCustomers) => {
  if (kind === 'look') tell({ kind: 'seen', seen: seen() });
  else leave().catch((error: Error) => tell({ kind: 'failed', message: error.message }));
});
try {
  tell({ kind: 'ready', sessions: await openAll() });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
