import assert from 'node:assert/strict';
import type { AgentOptions, Cluster, LogLine, ManagedProcess } from '@culvert/local';
import { eventually } from './eventually.ts';
import type { TestCluster } from './with-cluster.ts';

/** An agent that runs, and what browsers need to use its session. */
export interface ServingAgent {
  readonly process: ManagedProcess;
  readonly sessionId: string;
  /** The gateway's proxy URL with the session's credentials. */
  readonly proxy: string;
  readonly pac: string;
  /** The worker that it was linked to first. */
  readonly node: string;
}

/** Starts `culvert connect`; resolves when its link is up. */
export async function serveWith(cluster: Cluster, agent: AgentOptions): Promise<ServingAgent> {
  const process = await cluster.startAgent(agent);
  const { sessionId, proxy, pac } = process.readiness;
  const up = await agentEvent(process, ({ event }) => event === 'link.up');
  return { process, sessionId: String(sessionId), proxy: String(proxy), pac: String(pac), node: String(up.node) };
}

/** The first event of an agent's `--json` output that satisfies `test`, told already or to come. */
export function agentEvent(process: ManagedProcess, test: (line: LogLine) => boolean): Promise<LogLine> {
  return eventually(`an event of ${process.id}`, () => process.events.find(test));
}

/** Waits for the end that an agent comes to by itself; answers its exit code. */
export async function exitCodeOf(test: TestCluster, id: string): Promise<number | null> {
  test.expectExit(id);
  const exit = await eventually(`the end of ${id}`, () =>
    test.events.find((event) => event.event === 'process.exit' && event.id === id),
  );
  assert.equal(exit.event, 'process.exit');
  return exit.code;
}
