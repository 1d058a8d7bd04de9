import { type Agent, connectAgent } from '../client.ts';
import type { AgentEnd } from '../events.ts';
import type { AgentOptions } from '../options.ts';
import { parseRule } from '../rules.ts';
import { type AccessArgs, type CommandIo, readAccess, readPairs, reportUsage } from './io.ts';
import { JsonView } from './json-view.ts';
import { onStopSignals } from './signals.ts';
import { TextView } from './text-view.ts';
import type { View } from './view.ts';

export interface ConnectArgs extends AccessArgs {
  /** `--name` */
  readonly name?: string | undefined;
  /** `--allow`, `--deny`: rules, each flag once per rule. */
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  /** `--host name=address`, like a line of /etc/hosts. */
  readonly host?: readonly string[] | undefined;
  /** `--label name=value` */
  readonly label?: readonly string[] | undefined;
  /** `--json`: one event per line on stdout. */
  readonly json?: boolean | undefined;
  /** `--stop-deadline`, ms: how long open connections may finish after a signal. Default 10 000. */
  readonly stopDeadlineMs?: number | undefined;
  /** `--resume-window`, ms: how long connections that lost their path wait to be resumed. Default 60 000. */
  readonly resumeWindowMs?: number | undefined;
  /** `--links`: 2 keeps a second worker on standby. Default 1. */
  readonly links?: number | undefined;
}

/** For `culvert connect --help`. */
export const CONNECT_HELP = `
A rule is host[:ports]. The host is a name, a wildcard (*.corp.example, not its apex; * is everything), an address
or a CIDR (IPv6 in brackets when ports follow); the ports are a number, a range, *, or several with commas.
--deny wins over --allow. With --allow, only what a rule matches can be reached. Without, everything but loopback,
link-local (with the clouds' metadata services) and other special addresses: those need a rule that names them,
such as --allow localhost:3000.

With --json, stdout has one event per line, the first being session.open; what happens before goes to stderr, with
the log (CULVERT_LOG_LEVEL: debug, info, warn or error).

Environment: CULVERT_API, CULVERT_KEY; OpenTelemetry's OTEL_* variables, where traces are wanted. A key in
CULVERT_KEY or --key-file cannot be seen in the process list; one given with --key can.

Exit codes:
  0    stopped by SIGINT or SIGTERM; open connections had their time to finish
  1    any other failure
  2    a flag, a rule or the environment is wrong
  3    the cluster refused the key (unknown, expired, revoked, or not an agent key)
  4    the session was closed by an operator, or taken over by a newer agent with the same name
  130  stopped by a second signal, without waiting
`;

/** `culvert connect`: runs an agent until a signal or the cluster ends it; resolves with the exit code. */
export async function runConnect(args: ConnectArgs, io: CommandIo): Promise<number> {
  const view: View = args.json ? new JsonView(io) : new TextView(io, exampleTarget(args.allow ?? []));
  let agent: Agent;
  try {
    const options = toAgentOptions(args, io);
    view.start(options.api);
    agent = connectAgent({ ...options, onEvent: (event) => view.show(event) });
  } catch (error) {
    reportUsage('connect', error, io);
    return 2;
  }
  let hurried = false;
  const stopListening = onStopSignals(io, (now) => {
    hurried = now;
    view.stopping(agent.counts.open, now);
    void agent.close({ deadlineMs: now ? 0 : (args.stopDeadlineMs ?? 10_000) });
  });
  const end = await agent.ended;
  stopListening();
  view.end();
  return hurried ? 130 : exitCodeOf(end);
}

export function exitCodeOf(end: AgentEnd): number {
  switch (end.outcome) {
    case 'stopped':
      return 0;
    case 'rejected':
      return 2;
    case 'key_refused':
      return 3;
    case 'session_ended':
      return end.code === 'superseded' || end.code === 'session_closed' ? 4 : 1;
  }
}

function toAgentOptions(args: ConnectArgs, io: CommandIo): AgentOptions & { readonly api: string } {
  return {
    ...readAccess(args, io.env),
    ...(args.name === undefined ? {} : { name: args.name }),
    allow: args.allow ?? [],
    deny: args.deny ?? [],
    hosts: readPairs('--host', args.host ?? []),
    labels: readPairs('--label', args.label ?? []),
    ...(args.resumeWindowMs === undefined ? {} : { resumeWindowMs: args.resumeWindowMs }),
    ...(args.links === undefined ? {} : { links: args.links }),
    ...(io.logger === undefined ? {} : { logger: io.logger }),
    ...(io.tracing === undefined ? {} : { tracing: io.tracing }),
  };
}

/** A URL for the printed curl line: the first thing that the rules name exactly. */
function exampleTarget(allow: readonly string[]): string {
  for (const text of allow) {
    const { host, ports } = safeRule(text) ?? {};
    if (host?.kind !== 'name') continue;
    const port = ports?.[0]?.[0] ?? 80;
    return port === 443 ? `https://${host.name}/` : `http://${host.name}${port === 80 ? '' : `:${port}`}/`;
  }
  return 'http://your-private-app/';
}

/** A rule that is wrong is reported where the agent reads it, not here. */
function safeRule(text: string): ReturnType<typeof parseRule> | undefined {
  try {
    return parseRule(text);
  } catch {
    return undefined;
  }
}
