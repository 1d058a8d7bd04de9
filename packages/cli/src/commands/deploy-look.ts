import type { DeploymentWhy } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { allDeployments, findDeployment } from '../deploy/find.ts';
import { deploymentTable } from '../deploy/list-words.ts';
import { deploymentText } from '../deploy/show-words.ts';
import { whyText } from '../deploy/why-words.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

const MOST = 200;

/** `culvert deploy ls|show|why`. */
export function addDeployLook(deploy: Command, { stdout }: CommandContext): void {
  withTarget(deploy.command('ls').description('list deployments, the newest first'))
    .option('--limit <n>', 'at most so many', '20')
    .action(async (flags: TargetFlags & { readonly limit: string }) => {
      const { integer } = await import('@culvert/service');
      const most = optionValue('--limit', flags.limit, integer(1, MOST));
      const items = await allDeployments(await openApi(flags), most);
      stdout.write(flags.json ? json({ items, next: null }) : deploymentTable(items, Date.now()));
    });
  withTarget(deploy.command('show [id]').description('everything about a deployment: nodes, evidence, log')).action(
    async (id: string | undefined, flags: TargetFlags) => {
      const found = await findDeployment(await openApi(flags), id, { orLast: true });
      stdout.write(flags.json ? json(found) : deploymentText(found, Date.now()));
    },
  );
  withTarget(deploy.command('why [id]').description('why not now: what it waits for, and what would end that')).action(
    async (id: string | undefined, flags: TargetFlags) => {
      const api = await openApi(flags);
      const { id: found } = await findDeployment(api, id, { orLast: true });
      const why = await api.call<DeploymentWhy>('GET', `/deployments/${encodeURIComponent(found)}/why`);
      stdout.write(flags.json ? json(why) : whyText(why));
    },
  );
}
