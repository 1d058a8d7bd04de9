import type { OptionHelp, Role, RoleName } from '@culvert/service';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ExitWith } from '../failure.ts';
import { addLazyCommand, lazyParser } from '../lazy-command.ts';

/** A role whose configuration type only its own package knows. */
type AnyRole = <R>(use: <C>(role: Role<C>) => R) => R;

interface RoleCommand {
  readonly name: RoleName;
  readonly summary: string;
  readonly load: () => Promise<AnyRole>;
}

/** Keeps the configuration's type inside, so that roles of different ones fit one list. */
function wrap<C>(role: Role<C>): AnyRole {
  return (use) => use(role);
}

const ROLES: readonly RoleCommand[] = [
  {
    name: 'api',
    summary: 'run a routing and operator API, with the dashboard',
    load: async () => wrap((await import('@culvert/api')).apiRole),
  },
  {
    name: 'gateway',
    summary: 'run a gateway: the proxy that browsers use',
    load: async () => wrap((await import('@culvert/gateway')).gatewayRole),
  },
  {
    name: 'worker',
    summary: 'run a worker: a tunnel node',
    load: async () => wrap((await import('@culvert/worker')).workerRole),
  },
  {
    name: 'deployer',
    summary: 'run a deploy worker',
    load: async () => wrap((await import('@culvert/deployer')).deployerRole),
  },
];

/** `culvert api|gateway|worker|deployer`: one node, configured by flags and variables. */
export function addRoles(program: Command, context: CommandContext): void {
  for (const role of ROLES)
    addLazyCommand(program, role.name, role.summary, (args) => runRoleCommand(role, args, context));
}

async function runRoleCommand(command: RoleCommand, args: string[], context: CommandContext): Promise<void> {
  const { name, summary, load } = command;
  const [role, service] = await Promise.all([load(), import('@culvert/service')]);
  const parser = lazyParser(name, summary, context).option('--json', 'accepted everywhere; a role always logs JSON');
  const variables: string[] = [];
  for (const option of role((known) => service.listOptions(service.roleOptions(known)))) {
    if (option.flag === null) variables.push(`  ${option.env}  ${option.description}`);
    else parser.addOption(commandOption({ ...option, flag: option.flag }));
  }
  parser.addHelpText(
    'after',
    `\nOnly by variable:\n${variables.join('\n')}\n\nThe others by the variable in brackets, too; a flag wins.`,
  );
  parser.parse(args, { from: 'user' });
  const exitCode = await role((known) => service.runRole(known, parser.opts(), process.env));
  throw new ExitWith(exitCode);
}

function commandOption({ flag, alone, description, env }: OptionHelp & { readonly flag: string }): Option {
  const option = new Option(`${flag} ${alone === null ? '<value>' : '[value]'}`, `${description} [${env}]`);
  return alone === null ? option : option.preset(alone);
}
