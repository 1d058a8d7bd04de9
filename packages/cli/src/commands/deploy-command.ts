import type { DeploymentCommandBody, DeploymentVerb } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { type Answered, tellDeployment } from '../deploy/command.ts';
import { findDeployment } from '../deploy/find.ts';
import { printable } from '../deploy/line.ts';
import { joinWith, stateWords } from '../deploy/words.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

interface CommandFlags extends TargetFlags {
  readonly node?: string;
  readonly by?: string;
}

const VERBS: readonly (readonly [verb: DeploymentVerb, summary: string])[] = [
  ['pause', 'begin nothing new; what is under way on a node ends first'],
  ['resume', 'go on after a pause'],
  ['promote', 'go on at once: after a hold, from the canary to the rest, past the time that old nodes are kept warm'],
  ['abort', 'stop here: what has not been touched stays as it was, what is done stays done'],
  ['rollback', 'bring the old version back: the old nodes take sessions again first, then the new ones are drained'],
];

/** `culvert deploy pause|resume|promote|abort|rollback|skip|extend|force`. */
export function addDeployCommands(deploy: Command, context: CommandContext): void {
  const add = (verb: DeploymentVerb, summary: string): Command =>
    withTarget(deploy.command(`${verb} [id]`).description(summary)).action(
      (id: string | undefined, flags: CommandFlags) => tell(verb, id, flags, context),
    );
  for (const [verb, summary] of VERBS) add(verb, summary);
  add('skip', 'leave one node alone: it takes sessions again, and keeps its version').requiredOption(
    '--node <id>',
    'the node that would be replaced',
  );
  add('extend', 'give busy sessions more time').option('--by <duration>', 'how much more; 10m');
  add('force', 'close the sessions that a node still waits for').option(
    '--node <id>',
    'the node that is to be replaced; without it, all that wait',
  );
}

async function tell(
  verb: DeploymentVerb,
  id: string | undefined,
  flags: CommandFlags,
  { stdout }: CommandContext,
): Promise<void> {
  const { duration } = await import('@culvert/service');
  const byMs = optionValue('--by', flags.by, duration(1_000, WEEK_MS));
  const body: DeploymentCommandBody = {
    ...(flags.node === undefined ? {} : { node: flags.node }),
    ...(byMs === undefined ? {} : { byMs }),
  };
  const api = await openApi(flags);
  const before = await findDeployment(api, id, { orLast: false });
  const answered = await tellDeployment(api, before, verb, body);
  stdout.write(flags.json ? json(answered.deployment) : answerText(verb, answered));
}

function answerText(verb: DeploymentVerb, { deployment, entries }: Answered): string {
  const { id, state } = deployment;
  if (entries.length === 0) {
    return `${id} is told to ${verb}, but no deploy worker has taken that in yet: it is kept for the next one\n`;
  }
  const lines = entries.map(({ node, message }) => printable(`${id}: ${node === null ? '' : `${node}: `}${message}`));
  return `${lines.join('\n')}\n${id} is ${stateWords(state)}. Look at it: ${joinWith(deployment)}\n`;
}
