// Random and mutated conversations with one end of a link, for as long as one likes:
//   npm run fuzz -- [--seconds N] [--seed S]
import { fuzzLinkOnce } from '../src/testing/fuzz-link.ts';
import { fuzzCommand } from '../src/testing/fuzz-runner.ts';

process.exitCode = fuzzCommand('mux', fuzzLinkOnce, process.argv.slice(2));
