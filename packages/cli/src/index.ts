export { EXIT, ExitWith, reportFailure } from './failure.ts';
export { type CommandContext, createProgram, type ProgramOptions } from './program.ts';
