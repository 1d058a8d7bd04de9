import { setTimeout as wait } from 'node:timers/promises';
import type { LogFields, Logger } from '@culvert/base';
import pino, { type DestinationStream } from 'pino';
import type { LogLevel } from './common-options.ts';
import { redact, redactText } from './redact.ts';

/** Lines kept for a reader that does not keep up; what is beyond is dropped, never waited for. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** How long the last lines of a process may take to leave it. */
const FLUSH_DEADLINE_MS = 1000;

export interface ProcessLogger {
  readonly logger: Logger;
  /** Resolves once everything logged so far is written, or after a second. */
  flush(): Promise<void>;
}

/**
 * One JSON object a line on stdout (on stderr, where stdout is for a command's answer), with the fields of the log
 * contract. Writing is asynchronous: a reader that stops reading must not freeze a worker. So a process that ends
 * calls `flush` first.
 */
export function createProcessLogger(level: LogLevel, fields: LogFields, fd: 1 | 2 = 1): ProcessLogger {
  const output = pino.destination({ fd, sync: false, minLength: 1, maxLength: MAX_HELD_BYTES });
  // Nobody reads the log any more (EPIPE): there is nowhere left to say so, and it is no reason to stop.
  output.on('error', () => undefined);
  const flushed = (): Promise<boolean> => new Promise((resolve) => output.flush(() => resolve(true)));
  return {
    logger: createLogger(level, fields, output),
    async flush() {
      const isDone = await Promise.race([flushed(), wait(FLUSH_DEADLINE_MS, false, { ref: false })]);
      // pino writes what is left when the process exits, and waits for the reader; this one does not read.
      if (!isDone) output.destroy();
    },
  };
}

/** A logger that writes to `destination`; `createProcessLogger` is the one for processes. */
export function createLogger(level: LogLevel, fields: LogFields, destination: DestinationStream): Logger {
  return adapt(
    pino(
      {
        level,
        base: fields,
        messageKey: 'msg',
        timestamp: () => `,"ts":"${new Date().toISOString()}"`,
        formatters: {
          level: (label) => ({ level: label }),
          log: (line) => redactRecord(line),
        },
        // pino's own serializer of `err` would run first and keep what redact() takes out.
        serializers: { err: (error: unknown) => error },
      },
      destination,
    ),
  );
}

function adapt(log: pino.Logger): Logger {
  return {
    debug: (fields, message) => log.debug(fields, redactText(message)),
    info: (fields, message) => log.info(fields, redactText(message)),
    warn: (fields, message) => log.warn(fields, redactText(message)),
    error: (fields, message) => log.error(fields, redactText(message)),
    child: (fields) => adapt(log.child(redactRecord(fields))),
  };
}

function redactRecord(fields: object): Record<string, unknown> {
  // redact() of a plain object is a plain object; the spread makes it one.
  return redact({ ...fields }) as Record<string, unknown>;
}
