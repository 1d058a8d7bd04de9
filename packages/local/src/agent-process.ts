import { join } from 'node:path';
import { childEnvironment } from './environment.ts';
import type { ProcessSpec } from './managed-process.ts';
import type { NodeContext } from './node-processes.ts';

export interface AgentOptions {
  /** Of the process, for its log; numbered unless given. */
  readonly id?: string;
  /** An agent key of the tenant. */
  readonly key: string;
  /** The session's name; without, it gets a new id at every start. */
  readonly name?: string;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Names that only this agent resolves: name → address. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another API than the cluster's first. */
  readonly api?: string;
  /** The script instead of the cluster's. */
  readonly entry?: string;
}

/** `culvert connect --json`, with its key in the environment. Ready when its session is open. */
export function agentSpec(agent: AgentOptions & { id: string }, api: string, context: NodeContext): ProcessSpec {
  const { options, logs } = context;
  const each = (flag: string, values: readonly string[] = []): string[] => values.flatMap((value) => [flag, value]);
  const hosts = Object.entries(agent.hosts ?? {}).map(([name, address]) => `${name}=${address}`);
  return {
    role: 'agent',
    id: agent.id,
    args: [
      agent.entry ?? options.entry,
      'connect',
      '--json',
      ...each('--name', agent.name === undefined ? [] : [agent.name]),
      ...each('--allow', agent.allow),
      ...each('--deny', agent.deny),
      ...each('--host', hosts),
      ...(agent.flags ?? []),
    ],
    env: childEnvironment({ CULVERT_API: agent.api ?? api, CULVERT_KEY: agent.key, ...agent.env }),
    logFile: join(logs, `${agent.id}.log`),
    readyEvent: 'session.open',
    readyDeadlineMs: options.startDeadlineMs,
    stopDeadlineMs: options.stopDeadlineMs,
  };
}
