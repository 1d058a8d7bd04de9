import process from 'node:process';
import { reportFailure } from './failure.ts';
import { createProgram } from './program.ts';

// The process's script: the only module here that does something when it is loaded.
try {
  await createProgram({ entry: import.meta.filename }).parseAsync(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error, process.stderr);
}
