import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addDeployCommands } from './deploy-command.ts';
import { addDeployLook } from './deploy-look.ts';
import { addReceipt } from './deploy-receipt.ts';
import { addSchedules } from './deploy-schedule.ts';
import { addDeployStart } from './deploy-start.ts';
import { addWatch } from './deploy-watch.ts';
import { addWindows } from './deploy-window.ts';

/**
 * `culvert deploy start|watch|ls|show|why|receipt`, the commands to one under way, and what begins by itself. An id may be
 * left out where one is under way, and the beginning of one is enough.
 */
export function addDeploy(program: Command, context: CommandContext): void {
  const deploy = program.command('deploy').description('bring a version to the cluster, and see that nobody notices');
  deploy.addHelpText(
    'after',
    '\nAn ID may be left out: the deployment under way is meant. The beginning of one is enough.',
  );
  addDeployStart(deploy, context);
  addWatch(deploy, context);
  addDeployLook(deploy, context);
  addReceipt(deploy, context);
  addDeployCommands(deploy, context);
  addSchedules(deploy, context);
  addWindows(deploy, context);
}
