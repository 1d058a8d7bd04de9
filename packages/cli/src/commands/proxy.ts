import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ExitWith } from '../failure.ts';
import { addLazyCommand, lazyParser } from '../lazy-command.ts';
import { optionValue } from '../option-value.ts';
import { agentIo, localAccess } from './agent-io.ts';
import { agentTelemetry } from './agent-telemetry.ts';

interface ProxyFlags {
  readonly session: string;
  readonly listen?: string;
  readonly api?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly resumeWindow?: string;
  readonly json?: boolean;
}

const SUMMARY = 'run a local proxy beside a browser, for one session';

/** `culvert proxy`: the local proxy. */
export function addProxy(program: Command, context: CommandContext): void {
  addLazyCommand(program, 'proxy', SUMMARY, (args) => proxy(args, context));
}

async function proxy(args: string[], context: CommandContext): Promise<void> {
  const [{ PROXY_HELP, runProxy }, { duration }] = await Promise.all([
    import('@culvert/agent'),
    import('@culvert/service'),
  ]);
  const parser = lazyParser('proxy', SUMMARY, context)
    .requiredOption('--session <id>', 'the session that everything goes through')
    .option('--listen <host:port>', 'where browsers find it (default: 127.0.0.1, any free port)')
    .option('--api <url>', 'address of the routing API (default: the cluster in .culvert/)')
    .option('--key <key>', 'API key; other users of the machine can see it')
    .option('--key-file <path>', 'file with the API key')
    .option('--ca <path>', 'PEM file of certificates to trust')
    .option('--resume-window <duration>', 'how long a connection that lost its worker waits (default: 60s)')
    .option('--json', 'one event per line on stdout, as JSON')
    .addHelpText('after', PROXY_HELP)
    .parse(args, { from: 'user' });
  const { resumeWindow, ...flags } = parser.opts<ProxyFlags>();
  const resumeWindowMs = optionValue('--resume-window', resumeWindow, duration(1_000, 600_000));
  const telemetry = await agentTelemetry('proxy', process.env);
  const io = await agentIo(undefined, telemetry);
  const exitCode = await runProxy({ ...flags, resumeWindowMs, local: await localAccess() }, io);
  await telemetry?.close();
  throw new ExitWith(exitCode);
}
