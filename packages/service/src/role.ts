import { base32, CulvertError, type Logger, Scope } from '@culvert/base';
import { readExportConfig, startTelemetry, type Telemetry } from '@culvert/telemetry';
import { type AdminServer, createAdminServer } from './admin.ts';
import { allowChaos } from './chaos/routes.ts';
import { type CommonConfig, commonOptions } from './common-options.ts';
import { Health } from './health.ts';
import { EXIT, Lifecycle } from './lifecycle.ts';
import { createProcessLogger, type ProcessLogger } from './logger.ts';
import { type OptionTable, readOptions } from './options.ts';
import type { ClusterSecret } from './secret.ts';
import { softwareVersion } from './version.ts';

export type RoleName = 'api' | 'gateway' | 'worker' | 'deployer';

/** What a role is started with. */
export interface RoleContext {
  readonly logger: Logger;
  /** Owns what the role starts; closed in reverse order when the process stops. */
  readonly scope: Scope;
  readonly id: string;
  /** Names this life of the process. */
  readonly boot: string;
  readonly version: string;
  readonly secret: ClusterSecret;
  readonly admin: AdminServer;
  readonly health: Health;
  readonly telemetry: Telemetry;
  /** A background task died: ordered stop, exit code 1. */
  fatal(what: string, error: unknown): void;
  /** Aborted when the process is to stop, before the scope is closed. */
  readonly stopping: AbortSignal;
}

export interface Role<C> {
  readonly name: RoleName;
  /** The role's own options, beside the common ones. */
  readonly options: OptionTable<C>;
  /** Resolves once the role can do its work, or waits for Redis to do it. `addresses` is what it listens on, by name. */
  start(config: C & CommonConfig, context: RoleContext): Promise<{ addresses: Record<string, string> }>;
}

/** The message that a started role sends to the process that forked it. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly role: RoleName;
  readonly id: string;
  readonly boot: string;
  readonly pid: number;
  readonly version: string;
  /** URLs by name; `admin` is always among them. */
  readonly addresses: Record<string, string>;
}

/** The role's options and the common ones in one table. */
export function roleOptions<C>(role: Pick<Role<C>, 'name' | 'options'>): OptionTable<C & CommonConfig> {
  // A spread of two tables is the table of both configurations; the compiler can't see it for a generic C.
  return { ...role.options, ...commonOptions(role.name) } as unknown as OptionTable<C & CommonConfig>;
}

/** A new name for one life of a node: 40 random bits, told apart from the node's other lives only. */
export function newBoot(): string {
  return base32(crypto.getRandomValues(new Uint8Array(5)));
}

/**
 * Runs a role until it is told to stop; the result is the exit code, with which the caller ends the process.
 * 0 after an ordered stop, 1 after a failure or a stop that hung, 2 for a wrong configuration.
 */
export async function runRole<C>(
  role: Role<C>,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  let config: C & CommonConfig;
  try {
    config = readOptions(roleOptions(role), flags, env);
    readExportConfig(env);
  } catch (error) {
    return refuseConfig(role.name, error);
  }
  const version = softwareVersion(env);
  const identity = { role: role.name, node_id: config.id, version };
  const log = createProcessLogger(config.logLevel, identity);
  try {
    return await runConfigured(role, config, { version, env, log });
  } finally {
    await log.flush();
  }
}

/** The configuration names the log level, so there is no log yet: words for the person who typed it. */
function refuseConfig(role: RoleName, error: unknown): number {
  if (!(error instanceof CulvertError)) throw error;
  process.stderr.write(`culvert ${role}: ${error.message}\n${error.fix ?? ''}\n`);
  return EXIT.config;
}

interface Surroundings {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: ProcessLogger;
}

async function runConfigured<C>(
  role: Role<C>,
  config: C & CommonConfig,
  { version, env, log }: Surroundings,
): Promise<number> {
  const { logger } = log;
  const scope = new Scope();
  const lifecycle = new Lifecycle({
    logger,
    exitNow: (code) => {
      logger.warn({ event: 'node.exit_now' }, 'second signal: exiting at once');
      void log.flush().finally(() => process.exit(code));
    },
  });
  const unlisten = lifecycle.listen();
  try {
    const telemetry = await startTelemetry({ role: role.name, version, nodeId: config.id, env, logger });
    // First in, last out: a stop can be watched and measured to its end.
    scope.own('telemetry', telemetry);
    const context = createContext(config, version, { logger, scope, lifecycle, telemetry });
    const started = start(role, config, context).catch((error: unknown) => {
      if (lifecycle.stopping.aborted) logger.debug({ event: 'node.start_cancelled', err: error }, 'start cut short');
      else lifecycle.fatal('start', error);
    });
    await Promise.race([started.then(() => lifecycle.stopped()), lifecycle.stopped()]);
    await lifecycle.close(scope, config.stopDeadlineMs);
    logger.info({ event: 'node.stopped', exit_code: lifecycle.exitCode }, 'stopped');
    return lifecycle.exitCode;
  } finally {
    unlisten();
  }
}

function createContext(
  config: CommonConfig,
  version: string,
  base: { logger: Logger; scope: Scope; lifecycle: Lifecycle; telemetry: Telemetry },
): RoleContext {
  const { logger, scope, lifecycle, telemetry } = base;
  const health = new Health();
  health.check('stopping', () => (lifecycle.stopping.aborted ? 'the process is stopping' : undefined));
  const { adminListen: listen, advertiseHost, secret } = config;
  const admin = scope.own(
    'admin server',
    createAdminServer({ listen, advertiseHost, secret, health, metrics: telemetry, logger }),
  );
  if (config.chaos) allowChaos({ admin, health, scope, logger, stopping: lifecycle.stopping });
  return {
    logger,
    scope,
    id: config.id,
    boot: newBoot(),
    version,
    secret,
    admin,
    health,
    telemetry,
    fatal: (what, error) => lifecycle.fatal(what, error),
    stopping: lifecycle.stopping,
  };
}

async function start<C>(role: Role<C>, config: C & CommonConfig, context: RoleContext): Promise<void> {
  const { id, boot, version, logger, health } = context;
  logger.debug({ event: 'node.start', boot, pid: process.pid, runtime: process.version }, `${role.name} ${id} starts`);
  let starting = true;
  health.check('starting', () => (starting ? 'the node is starting' : undefined));
  const { addresses } = await role.start(config, context);
  const all = { ...addresses, admin: await context.admin.listen() };
  starting = false;
  logger.info({ event: 'node.ready', boot, pid: process.pid, addresses: all }, `${role.name} ${id} is ready`);
  const message: ReadyMessage = { type: 'ready', role: role.name, id, boot, pid: process.pid, version, addresses: all };
  // A parent that is gone by now is told apart by `disconnect`, which stops the process.
  process.send?.(message, undefined, undefined, (error) => {
    if (error) logger.debug({ event: 'node.ready_unsent', err: error }, 'the parent process did not take the message');
  });
}
