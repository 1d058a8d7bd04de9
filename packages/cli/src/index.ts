export type { CommandContext } from './command-context.ts';
export { EXIT, ExitWith, reportFailure } from './failure.ts';
export { createProgram, type ProgramOptions } from './program.ts';
