import type { Deployment } from '@culvert/contracts';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { forecastText } from '../deploy/forecast-words.ts';
import { bodyOf, type RehearsalFlags, type RequestFlags, rehearsalOf, withRequest } from '../deploy/request.ts';
import { EXIT_HELP, exitCodeOf } from '../deploy/states.ts';
import { timeoutOf, type WatchFlags, watchDeployment, withTimeout } from '../deploy/watch.ts';
import { aimOf, joinWith } from '../deploy/words.ts';
import { ExitWith } from '../failure.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

interface FollowFlags extends TargetFlags, WatchFlags {
  readonly detach?: boolean;
}

interface StartFlags extends FollowFlags, RequestFlags {
  readonly version: string;
  readonly dryRun?: boolean;
}

/** `culvert deploy start|rehearse`. */
export function addDeployStart(deploy: Command, context: CommandContext): void {
  const start = deploy
    .command('start')
    .description('replace the nodes of a pool by ones of a version')
    .requiredOption('--version <version>', 'the version to bring');
  withFollowing(withRequest(start), (flags: StartFlags) => begin(flags, context)).addOption(
    new Option('--dry-run', 'only say what would happen, for how long, and to which sessions').conflicts('detach'),
  );
  const rehearse = deploy
    .command('rehearse')
    .description('cordon a live worker, move its sessions away and back: a deployment without a release')
    .option('--node <id>', 'the worker; any unless given')
    .option('--pool <pool>', 'of the worker; default')
    .option('--deadline <duration>', 'for its busy sessions; 1m');
  withFollowing(rehearse, async (flags: FollowFlags & RehearsalFlags) => {
    const timeoutMs = await timeoutOf(flags);
    const body = await rehearsalOf(flags);
    const api = await openApi(flags);
    const begun = await api.call<Deployment>('POST', '/deployments/rehearse', { body });
    await follow(api, begun, { ...flags, timeoutMs }, context);
  });
}

function withFollowing<F>(command: Command, action: (flags: F) => Promise<void>): Command {
  return withTarget(withTimeout(command))
    .option('--detach', 'only begin it')
    .addHelpText('after', EXIT_HELP)
    .action(action);
}

async function begin(flags: StartFlags, context: CommandContext): Promise<void> {
  const timeoutMs = await timeoutOf(flags);
  const body = await bodyOf(flags);
  const api = await openApi(flags);
  if (flags.dryRun) {
    const planned = await api.call<Deployment>('POST', '/deployments', { body: { ...body, dryRun: true } });
    context.stdout.write(flags.json ? json(planned) : forecastText(planned));
    const code = exitCodeOf(planned.state);
    if (code) throw new ExitWith(code);
    return;
  }
  const begun = await api.call<Deployment>('POST', '/deployments', { body });
  await follow(api, begun, { ...flags, timeoutMs }, context);
}

async function follow(
  api: Awaited<ReturnType<typeof openApi>>,
  begun: Deployment,
  { detach, json: asJson = false, timeoutMs }: FollowFlags & { readonly timeoutMs: number },
  context: CommandContext,
): Promise<void> {
  if (!detach) return watchDeployment(api, begun, { json: asJson, timeoutMs }, context);
  const words = begun.reason === null ? '' : ` (${begun.reason})`;
  const text = `${begun.id}: ${aimOf(begun)}; it is ${begun.state}${words}\nLook at it: ${joinWith(begun)}\n`;
  context.stdout.write(asJson ? json(begun) : text);
}
