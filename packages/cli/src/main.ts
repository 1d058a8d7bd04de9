import process from 'node:process';
import { ExitWith, reportFailure } from './failure.ts';
import { createProgram } from './program.ts';
import { tuneHeap } from './tune-heap.ts';

// The process's script: the only module here that does something when it is loaded.
tuneHeap();
try {
  await createProgram({ entry: import.meta.filename }).parseAsync(process.argv);
} catch (error) {
  const exitCode = reportFailure(error, process.stderr);
  // What ran until it was stopped has ended what it owns; a timer of a library must not keep it from ending.
  if (error instanceof ExitWith) process.exit(exitCode);
  process.exitCode = exitCode;
}
