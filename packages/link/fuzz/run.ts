// Random and mutated WebSocket frames, for as long as one likes:
//   node packages/link/fuzz/run.ts [--seconds N] [--seed S]
import { fuzzCommand } from '@culvert/mux/testing';
import { fuzzReaderOnce } from '../src/testing/fuzz-reader.ts';

process.exitCode = fuzzCommand('link', fuzzReaderOnce, process.argv.slice(2));
