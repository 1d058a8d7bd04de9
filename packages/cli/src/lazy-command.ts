import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/**
 * A command whose options are known once its package is loaded: everything behind its name, `--help` too, is handed
 * to `run`, so that `culvert --help` loads nothing.
 */
export function addLazyCommand(
  program: Command,
  name: string,
  summary: string,
  run: (args: string[]) => Promise<void>,
): void {
  program
    .command(name)
    .description(summary)
    .usage('[options]')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .passThroughOptions()
    .argument('[options...]')
    .action(run);
}

/** The parser of such a command; like the program, it throws instead of ending the process. */
export function lazyParser(name: string, summary: string, { stdout, stderr }: CommandContext): Command {
  return new Command(`culvert ${name}`)
    .description(summary)
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
}
