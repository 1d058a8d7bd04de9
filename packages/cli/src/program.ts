import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addChaos } from './commands/chaos.ts';
import { addConnect } from './commands/connect.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addKeys } from './commands/keys.ts';
import { addLogs } from './commands/logs.ts';
import { addNodes } from './commands/nodes.ts';
import { addProbes } from './commands/probes.ts';
import { addProxy } from './commands/proxy.ts';
import { addRoles } from './commands/roles.ts';
import { addSessions } from './commands/sessions.ts';
import { addSlo } from './commands/slo.ts';
import { addTenants } from './commands/tenants.ts';
import { addUp } from './commands/up.ts';
import type { Output } from './output.ts';
import { ownVersion } from './own-version.ts';

export interface ProgramOptions {
  /** The script of this command, which `culvert up` starts its processes with. */
  readonly entry: string;
  readonly stdout?: Output;
  readonly stderr?: Output;
}

/**
 * The `culvert` command. Each command loads what it needs when it runs, so that `--help` is quick. Parsing rejects
 * with a CommanderError, an ExitWith or a CulvertError; nothing here ends the process.
 */
export function createProgram(options: ProgramOptions): Command {
  const context: CommandContext = {
    entry: options.entry,
    stdout: options.stdout ?? process.stdout,
    stderr: options.stderr ?? process.stderr,
  };
  const program = new Command('culvert')
    .description('A self-hosted, clustered tunnel service: browsers reach private applications, deploys break nothing.')
    .version(ownVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .showHelpAfterError('(--help shows what is possible)')
    .enablePositionalOptions();
  program.commandsGroup('A cluster:');
  addUp(program, context);
  addRoles(program, context);
  program.commandsGroup('Its users:');
  addConnect(program, context);
  addProxy(program, context);
  program.commandsGroup('Its operators:');
  addSessions(program, context);
  addNodes(program, context);
  addDeploy(program, context);
  addEvents(program, context);
  addProbes(program, context);
  addLogs(program, context);
  addChaos(program, context);
  addSlo(program, context);
  addTenants(program, context);
  addKeys(program, context);
  addDoctor(program, context);
  return program;
}
