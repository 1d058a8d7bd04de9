import type { LogFields, Logger } from '@culvert/base';
import { type DiagLogger, DiagLogLevel } from '@opentelemetry/api';

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};
const MAX_KINDS = 50;

/** `level`: a word of OTEL_LOG_LEVEL. */
export function diagLevel(level: string): DiagLogLevel {
  return LEVELS[level] ?? DiagLogLevel.WARN;
}

/** What OpenTelemetry says of itself, in our log; warnings and errors once per kind. */
export function ownMessages(logger: Logger): DiagLogger {
  const said = new Set<string>();
  const say =
    (level: 'debug' | 'warn') =>
    (message: string, ...more: unknown[]): void => {
      const kind = message.replaceAll(/\d+/g, '#').slice(0, 80);
      const again = said.has(kind) || said.size >= MAX_KINDS;
      if (level === 'warn' && !again) said.add(kind);
      const [err] = more.filter((one) => one instanceof Error);
      const fields: LogFields = { event: 'telemetry.message', ...(err === undefined ? {} : { err }) };
      logger[again ? 'debug' : level](fields, message);
    };
  const [debug, warn] = [say('debug'), say('warn')];
  return { verbose: debug, debug, info: debug, warn, error: warn };
}
