/**
 * What a line concerns. The names are those of the log contract; `event` is a dotted, stable name
 * (`session.open`, `connection.close`) that people and tests search for.
 */
export interface LogFields {
  event?: string;
  session_id?: string;
  connection_id?: string;
  tenant_id?: string;
  node_id?: string;
  err?: unknown;
  [field: string]: unknown;
}

/** The logger that libraries are given. pino satisfies it; libraries never write to the console. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Says nothing; for libraries used without a logger. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
