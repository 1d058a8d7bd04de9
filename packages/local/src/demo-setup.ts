import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CulvertError, sleep } from '@culvert/base';
import { agentSpec } from './agent-process.ts';
import type { ApiClient } from './api-client.ts';
import { childEnvironment } from './environment.ts';
import type { LocalDemo } from './local-json.ts';
import { ManagedProcess, type ProcessExit } from './managed-process.ts';
import type { NodeContext } from './node-processes.ts';
import { expectThroughProxy } from './proxied-request.ts';
import { createKey, ensureTenant, type NewKey } from './tenants.ts';

const TENANT = 'demo';
/** No resolver knows it: RFC 8375's sibling for private use, and it says what it is. */
const HOST = 'app.demo.internal';
const FIRST_REQUEST_DEADLINE_MS = 10_000;
const RETRY_MS = 100;

export type Demo = LocalDemo;

/**
 * A small private app, a tenant, and an agent for it that alone knows the app's name. Resolves after a request has
 * gone the whole way: gateway, worker, agent, app.
 */
export async function startDemo(
  cluster: { readonly api: ApiClient; readonly dataDir: string },
  startClient: (process: ManagedProcess) => Promise<ManagedProcess>,
  onExit: (exit: ProcessExit) => void,
  context: NodeContext,
): Promise<Demo> {
  const { api, dataDir } = cluster;
  const app = await startClient(new ManagedProcess(appSpec(context), onExit));
  const { port } = app.readiness;
  const key = await demoKey(api, dataDir);
  const agent = agentSpec(
    { id: 'demo-agent', key, name: 'demo', allow: [`${HOST}:${port}`], hosts: { [HOST]: '127.0.0.1' } },
    api.url,
    context,
  );
  const { readiness } = await startClient(new ManagedProcess(agent, onExit));
  const { sessionId: session, proxy } = readiness;
  if (typeof session !== 'string' || typeof proxy !== 'string') {
    throw new CulvertError('start_failed', 'the demo agent did not tell its session and its proxy');
  }
  const demo = { tenant: TENANT, key, session, target: `http://${HOST}:${port}/`, proxy };
  await untilItAnswers(demo);
  return demo;
}

function appSpec({ options, logs }: NodeContext): ManagedProcess['spec'] {
  return {
    role: 'demo',
    id: 'demo-app',
    args: [join(dirname(fileURLToPath(import.meta.url)), 'demo', `main${import.meta.filename.slice(-3)}`)],
    env: childEnvironment({}),
    logFile: join(logs, 'demo-app.log'),
    readyDeadlineMs: options.startDeadlineMs,
    stopDeadlineMs: options.stopDeadlineMs,
    argsAfter: ({ port }) => [String(port)],
  };
}

/** The key of an earlier run when it still works; else a new one, kept for the next run. */
async function demoKey(api: ApiClient, dataDir: string): Promise<string> {
  await ensureTenant(api, TENANT);
  const path = join(dataDir, 'demo-key.json');
  const known = readKey(path);
  const { items } = await api.call<{ items: { id: string; revokedAt: unknown }[] }>('GET', `/tenants/${TENANT}/keys`);
  if (known && items.some(({ id, revokedAt }) => id === known.id && (revokedAt ?? null) === null)) return known.key;
  const { id, key } = await createKey(api, TENANT, 'agent', 'demo agent of culvert up');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, JSON.stringify({ id, key }), { mode: 0o600 });
  return key;
}

function readKey(path: string): NewKey | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as NewKey; // our own file; a foreign one matches no key's id
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The session is open when its id is known; its link may need another moment. */
async function untilItAnswers({ proxy, target }: Demo): Promise<void> {
  const deadline = performance.now() + FIRST_REQUEST_DEADLINE_MS;
  for (;;) {
    try {
      await expectThroughProxy(proxy, target, FIRST_REQUEST_DEADLINE_MS);
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new CulvertError('start_failed', `the demo app can't be reached through the cluster: ${reason}`);
      }
      await sleep(RETRY_MS);
    }
  }
}
