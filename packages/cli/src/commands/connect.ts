import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ExitWith } from '../failure.ts';
import { addLazyCommand, lazyParser } from '../lazy-command.ts';
import { optionValue } from '../option-value.ts';
import { agentIo, agentLog, localAccess } from './agent-io.ts';
import { agentTelemetry } from './agent-telemetry.ts';

interface ConnectFlags {
  readonly api?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly name?: string;
  readonly allow?: string[];
  readonly deny?: string[];
  readonly host?: string[];
  readonly label?: string[];
  readonly stopDeadline?: string;
  readonly resumeWindow?: string;
  readonly links?: string;
  readonly json?: boolean;
}

const SUMMARY = 'run an agent: make private applications reachable through the cluster';

/** `culvert connect`: the agent. */
export function addConnect(program: Command, context: CommandContext): void {
  addLazyCommand(program, 'connect', SUMMARY, (args) => connect(args, context));
}

async function connect(args: string[], context: CommandContext): Promise<void> {
  const [{ CONNECT_HELP, runConnect }, { duration, integer }] = await Promise.all([
    import('@culvert/agent'),
    import('@culvert/service'),
  ]);
  const parser = lazyParser('connect', SUMMARY, context)
    .option('--name <name>', 'session name; keeps its id and its proxy credentials across restarts')
    .option('--allow <rule...>', 'what may be reached')
    .option('--deny <rule...>', 'what may not be reached, whatever is allowed')
    .option('--host <name=address...>', 'answer a name here, as /etc/hosts would')
    .option('--label <name=value...>', 'to find the session by')
    .option('--api <url>', 'address of the routing API (default: the cluster in .culvert/)')
    .option('--key <key>', 'agent key; other users of the machine can see it')
    .option('--key-file <path>', 'file with the agent key')
    .option('--ca <path>', 'PEM file of certificates to trust')
    .option('--stop-deadline <duration>', 'how long open connections may finish after a signal (default: 10s)')
    .option('--resume-window <duration>', 'how long a connection waits when the network is lost (default: 60s)')
    .option('--links <n>', '2: a second worker stands by, so that the loss of the first needs no dial (default: 1)')
    .option('--json', 'one event per line on stdout, as JSON')
    .addHelpText('after', CONNECT_HELP)
    .parse(args, { from: 'user' });
  const { stopDeadline, resumeWindow, links, ...flags } = parser.opts<ConnectFlags>();
  const times = {
    stopDeadlineMs: optionValue('--stop-deadline', stopDeadline, duration(0, 3_600_000)),
    resumeWindowMs: optionValue('--resume-window', resumeWindow, duration(1_000, 600_000)),
  };
  const linkCount = optionValue('--links', links, integer(1, 2));
  // People get a status line on stderr; programs, the log.
  const log = flags.json ? await agentLog() : undefined;
  const telemetry = await agentTelemetry('agent', process.env, log?.logger);
  const io = await agentIo(log?.logger, telemetry);
  const exitCode = await runConnect({ ...flags, ...times, links: linkCount, local: await localAccess() }, io);
  await telemetry?.close();
  await log?.flush();
  throw new ExitWith(exitCode);
}
