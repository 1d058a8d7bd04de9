import { CulvertError, isErrorCode } from '@culvert/base';
import { CommanderError } from 'commander';

/** Exit codes of every command; `connect` and `proxy` add their own. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The command has ended, in order or not, and has told what it had to: the process ends now, with this code. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Says what went wrong, and what to do about it, in plain words. Returns the exit code. */
export function reportFailure(error: unknown, to: { write(text: string): unknown }): number {
  if (error instanceof ExitWith) return error.exitCode;
  // Commander has said it already. Its own code is 1 for wrong usage, 0 for --help and --version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CulvertError && isErrorCode(error.code)) {
    const fix = error.fix === undefined ? '' : `Fix: ${error.fix}\n`;
    to.write(`culvert: ${error.message} (${error.code})\n${fix}`);
    return error.code === 'config_invalid' ? EXIT.usage : EXIT.failed;
  }
  // Not one of ours: a fault in Culvert, which only its stack helps to find.
  to.write(`culvert: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
