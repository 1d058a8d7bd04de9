import type { Output } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  readonly entry: string;
  readonly stdout: Output;
  readonly stderr: Output;
}
