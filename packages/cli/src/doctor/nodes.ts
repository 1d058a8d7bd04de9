import { once } from 'node:events';
import { connect } from 'node:net';
import type { ClusterNode, ClusterNodeList } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { type Finding, failed, ok, words } from './finding.ts';
import { checkSkew } from './redis.ts';

const LOOK_DEADLINE_MS = 3_000;

/** The API, and its clock. `nodes` is undefined when it does not answer. */
export async function checkApi(api: ApiClient): Promise<{ findings: Finding[]; nodes?: readonly ClusterNode[] }> {
  try {
    const { status, body, headers } = await api.request('GET', '/nodes');
    if (status !== 200) {
      const reason = `${api.url} answers ${status} ${codeOf(body)}`;
      return { findings: [failed('API', reason, 'Give an admin key: --key, CULVERT_KEY or `culvert keys root`.')] };
    }
    const { items } = body as ClusterNodeList; // a 200 of this call is that, by contract
    const findings = [ok('API', `${api.url} answers`)];
    const date = headers.get('date');
    // Date has whole seconds: in the middle of them it is right.
    if (date !== null) findings.push(checkSkew('clock against API', new Date(date).getTime() + 500 - Date.now()));
    return { findings, nodes: items };
  } catch (error) {
    return { findings: [failed('API', words(error), 'Start an API (`culvert api`), or correct --api / CULVERT_API.')] };
  }
}

/** Every node that the registry lists: its state, its health, and whether its addresses can be reached from here. */
export async function checkNodes(nodes: readonly ClusterNode[]): Promise<Finding[]> {
  const missing = (['worker', 'gateway'] as const)
    .filter((role) => !nodes.some((node) => node.role === role && node.state === 'ready'))
    .map((role) => failed(`${role}s`, `no ${role} is ready`, `Start one: culvert ${role}`));
  const looks = await Promise.all(nodes.map(checkNode));
  return [...missing, ...looks.flat()];
}

async function checkNode(node: ClusterNode): Promise<Finding[]> {
  const addresses = (['proxy', 'link'] as const).flatMap((name) => {
    const url = node[name];
    return url === null ? [] : [checkAddress(`${node.id} ${name}`, url)];
  });
  return Promise.all([checkHealth(node), ...addresses]);
}

async function checkHealth({ id, admin, host, pid }: ClusterNode): Promise<Finding> {
  const what = `${id} health`;
  try {
    const answer = await fetch(new URL('/readyz', admin), { signal: AbortSignal.timeout(LOOK_DEADLINE_MS) });
    const body: unknown = await answer.json();
    if (answer.ok) return ok(what, `ready at ${admin}`);
    const log = `Its log says more (process ${pid} on ${host}).`;
    return failed(what, `not ready: ${reasonsOf(body)}`, log);
  } catch (error) {
    const loopback = /^(127\.|localhost|\[?::1)/.test(new URL(admin).hostname);
    const fix = loopback
      ? `Its admin address is on loopback: run doctor on ${host}, or give the node --admin-listen and --advertise-host.`
      : `Is process ${pid} on ${host} running, and ${admin} open to this machine?`;
    return failed(
      what,
      `${admin} does not answer: ${words(error instanceof Error ? (error.cause ?? error) : error)}`,
      fix,
    );
  }
}

/** Whether a TCP connection can be opened: more would be a request that the node has to count. */
async function checkAddress(what: string, url: string): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  const fallback = protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || fallback });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(LOOK_DEADLINE_MS) });
    return ok(what, `${url} can be reached`);
  } catch (error) {
    return failed(
      what,
      `${url} can't be reached: ${words(error)}`,
      'Open that port, or correct --advertise-host of the node.',
    );
  } finally {
    socket.destroy();
  }
}

function reasonsOf(body: unknown): string {
  const reasons = typeof body === 'object' && body !== null && 'reasons' in body ? body.reasons : undefined;
  return Array.isArray(reasons) ? reasons.join('; ') : 'it gives no reason';
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
}
