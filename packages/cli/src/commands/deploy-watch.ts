import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { findDeployment } from '../deploy/find.ts';
import { EXIT_HELP } from '../deploy/states.ts';
import { timeoutOf, type WatchFlags, watchDeployment, withTimeout } from '../deploy/watch.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

/** `culvert deploy watch`. */
export function addWatch(deploy: Command, context: CommandContext): void {
  withTarget(withTimeout(deploy.command('watch [id]').description('follow a deployment to its end, from anywhere')))
    .addHelpText('after', EXIT_HELP)
    .action(async (id: string | undefined, flags: TargetFlags & WatchFlags) => {
      const timeoutMs = await timeoutOf(flags);
      const api = await openApi(flags);
      const found = await findDeployment(api, id, { orLast: true });
      await watchDeployment(api, found, { json: flags.json ?? false, timeoutMs }, context);
    });
}
