import process from 'node:process';
import picocolors from 'picocolors';

/** Colours are for a person at a terminal: not for a file or a pipe, and not because CI is set, as picocolors has it. */
export const colors = picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true);
