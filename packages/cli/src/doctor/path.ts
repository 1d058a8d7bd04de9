import type { ClusterNode } from '@culvert/contracts';
import { getThroughProxy, type LocalDemo } from '@culvert/local';
import { type Finding, failed, ok, skipped, words } from './finding.ts';

const REQUEST_DEADLINE_MS = 10_000;

/** A request the whole way, through every gateway and every worker's own proxy, to the demo app of a local cluster. */
export async function checkPaths(
  nodes: readonly ClusterNode[],
  demo: LocalDemo | undefined,
  owner: string | null,
): Promise<Finding[]> {
  if (!demo) {
    return [
      skipped(
        'agent path',
        'not checked: no local cluster with a demo app here, and other sessions name no target to ask for',
      ),
    ];
  }
  const gateways = nodes
    .filter(({ role }) => role === 'gateway')
    .map((node) => checkPath(node, `through ${node.id}`, demo));
  const direct = nodes.filter(({ id }) => id === owner).map((node) => checkPath(node, `direct, ${node.id}`, demo));
  return Promise.all([...gateways, ...direct]);
}

async function checkPath({ proxy }: ClusterNode, how: string, demo: LocalDemo): Promise<Finding> {
  const what = `agent path ${how}`;
  if (proxy === null) return skipped(what, 'it has no proxy address');
  const url = new URL(demo.proxy);
  url.host = new URL(proxy).host;
  const started = performance.now();
  try {
    const { status, code } = await getThroughProxy(url.href, demo.target, REQUEST_DEADLINE_MS);
    if (code === undefined && status < 400) {
      return ok(what, `${demo.target} answers ${status} in ${(performance.now() - started).toFixed(0)} ms`);
    }
    return failed(
      what,
      `${demo.target} answers ${status} ${code ?? ''}`.trimEnd(),
      'Is the demo agent running? See .culvert/logs/demo-agent.log.',
    );
  } catch (error) {
    return failed(what, words(error), 'See the logs of the gateway, of the session’s worker and of the agent.');
  }
}
