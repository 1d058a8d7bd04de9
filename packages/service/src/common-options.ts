import { randomId } from '@culvert/base';
import type { Option, OptionTable } from './options.ts';
import { duration, type HostPort, hostPort, identifier, nullable, oneOf, type Parser, yesNo } from './parsers.ts';
import { ClusterSecret } from './secret.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What every role is configured with. */
export interface CommonConfig {
  /** The node's id, unique in the cluster. */
  readonly id: string;
  /** URL of Redis. */
  readonly redis: string;
  /** First part of every Redis key; clusters that share a Redis differ here. */
  readonly redisPrefix: string;
  readonly secret: ClusterSecret;
  readonly adminListen: HostPort;
  /** Host put into published addresses; null: the host that is listened on. */
  readonly advertiseHost: string | null;
  readonly logLevel: LogLevel;
  /** How long an ordered stop may take, in ms. */
  readonly stopDeadlineMs: number;
  /** Failures may be rehearsed on this node. */
  readonly chaos: boolean;
}

const clusterSecret: Parser<ClusterSecret> = {
  expects: 'at least 32 bytes, the same for every process of the cluster',
  parse: (given) => (Buffer.byteLength(given) >= 32 ? ClusterSecret.parse(given) : undefined),
};

const redisUrl: Parser<string> = {
  expects: 'a URL that starts with redis://, rediss://, redis+sentinel://, redis+cluster:// or unix://, or a socket',
  // Several hosts in one URL are nothing that a URL parser takes; the registry reads it to the end, and says what is wrong.
  parse: (given) => (/^(\/|unix:\/\/|rediss?(\+(sentinel|cluster))?:\/\/)/.test(given) ? given : undefined),
};

const hostName: Parser<string> = {
  expects: 'a host name or address, without a port',
  parse: (given) => (/^[A-Za-z0-9._:-]{1,255}$/.test(given) ? given : undefined),
};

/** The options that every role has; `role` makes the default id. */
export function commonOptions(role: string): OptionTable<CommonConfig> {
  return {
    id: {
      flag: '--id',
      env: 'CULVERT_NODE_ID',
      parser: identifier,
      default: randomId(role)
        .replace('_', '-')
        .slice(0, role.length + 9),
      doc: 'id of this node, unique in the cluster',
    },
    redis: {
      flag: '--redis',
      env: 'CULVERT_REDIS_URL',
      parser: redisUrl,
      doc: 'URL of Redis; give one with a password by the variable, not by the flag',
    },
    redisPrefix: {
      flag: '--redis-prefix',
      env: 'CULVERT_REDIS_PREFIX',
      parser: identifier,
      default: 'culvert',
      doc: 'first part of every Redis key',
    },
    secret: {
      flag: null, // a flag would stand in the process list
      env: 'CULVERT_SECRET',
      parser: clusterSecret,
      secret: true,
      doc: "the cluster's secret, 32 bytes or more",
    },
    adminListen: {
      flag: '--admin-listen',
      env: 'CULVERT_ADMIN_LISTEN',
      parser: hostPort,
      default: { host: '127.0.0.1', port: 0 },
      doc: "where health, metrics and the node's own endpoints are served",
    },
    advertiseHost: {
      flag: '--advertise-host',
      env: 'CULVERT_ADVERTISE_HOST',
      parser: nullable(hostName),
      default: null,
      doc: 'host put into published addresses; the listen host unless given',
    },
    logLevel: {
      flag: '--log-level',
      env: 'CULVERT_LOG_LEVEL',
      parser: oneOf('debug', 'info', 'warn', 'error'),
      default: 'info',
      doc: 'least severe log line that is written',
    },
    stopDeadlineMs: {
      flag: '--stop-deadline',
      env: 'CULVERT_STOP_DEADLINE',
      parser: duration(100, 3_600_000),
      default: 30_000,
      doc: 'how long an ordered stop may take',
    },
    chaos: {
      flag: '--chaos',
      env: 'CULVERT_CHAOS_ALLOWED',
      parser: yesNo,
      default: false,
      doc: 'lets operators rehearse failures on this node (culvert chaos); never in production',
    },
  };
}

/** For roles that hold an end of connections, or count them. The agent has the same option. */
export const resumeWindowOption: Option<number> = {
  flag: '--resume-window',
  env: 'CULVERT_RESUME_WINDOW',
  parser: duration(0, 600_000),
  default: 60_000,
  doc: 'how long a connection that lost its path waits to go on over another; 0s on a worker: none does',
};

/** For roles that belong to a pool (workers). */
export const poolOption: Option<string> = {
  flag: '--pool',
  env: 'CULVERT_POOL',
  parser: identifier,
  default: 'default',
  doc: 'pool of workers that this node belongs to',
};

/** For roles that browsers and agents reach at a fixed address, which a replacement takes over. */
export const reusePortOption: Option<boolean> = {
  flag: '--reuse-port',
  env: 'CULVERT_REUSE_PORT',
  parser: yesNo,
  default: false,
  doc: 'lets a replacement listen on the same addresses before this node leaves them (Linux)',
};
