import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { TestServer } from './start-server.ts';

export interface TestRedisOptions {
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of redis-server, such as `['--requirepass', 'x']`. */
  readonly args?: readonly string[];
  /** Listens here; default: a free port. To come back after a `stop`, pass the `port` it had. */
  readonly port?: number;
  /** Keeps its data over a `restart` (append-only file, synced each second); default: false. */
  readonly persistent?: boolean;
  /** Speaks TLS only, with a certificate for 127.0.0.1 from a CA of its own, which `url` names. */
  readonly tls?: boolean;
  /** `url` logs in as this user, with these ACL rules; `adminUrl` may still do everything. */
  readonly user?: { readonly name: string; readonly password: string; readonly rules: readonly string[] };
}

/** A real redis-server of one test: on loopback, in a directory that goes with it. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** As a user who may do everything; the same as `url` unless there is a `user`. */
  readonly adminUrl: string;
  readonly port: number;
  readonly pid: number;
  /** SIGSTOP: connected, but silent. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once and starts it again on its port: empty, unless it is `persistent`. */
  restart(): Promise<void>;
  /** Ends the server at once and removes its directory. Idempotent. */
  stop(): Promise<void>;
}

const ADMIN_PASSWORD = 'admin';

/** Starts `redis-server` or `valkey-server` (or what CULVERT_REDIS_SERVER names) and resolves once it accepts connections. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const { args = [], env, port, persistent = false, tls = false, user } = options;
  const server = await TestServer.start(
    {
      ...(port === undefined ? {} : { port }),
      ...(env === undefined ? {} : { env }),
      args: (at, dir) => [
        ...['--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', persistent ? 'yes' : 'no'],
        ...(tls ? tlsArgs(at, dir) : ['--port', String(at)]),
        ...(user ? userArgs(user) : []),
        ...args,
      ],
    },
    tls ? writeCertificates : undefined,
  );
  const url = (login: string): string =>
    `redis${tls ? 's' : ''}://${login}127.0.0.1:${server.port}${tls ? `?ca=${join(server.dir, 'ca.pem')}` : ''}`;
  return {
    url: url(user ? `${user.name}:${user.password}@` : ''),
    adminUrl: url(user ? `default:${ADMIN_PASSWORD}@` : ''),
    port: server.port,
    get pid() {
      return server.pid;
    },
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: () => server.restart(),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function userArgs({ name, password, rules }: NonNullable<TestRedisOptions['user']>): string[] {
  const admin = `default on >${ADMIN_PASSWORD} ~* &* +@all`;
  const restricted = [name, 'on', `>${password}`, ...rules].join(' ');
  return [admin, restricted].flatMap((line) => ['--user', ...line.split(' ')]);
}

function tlsArgs(port: number, dir: string): string[] {
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', join(dir, 'cert.pem'), '--tls-key-file', join(dir, 'key.pem')],
    ...['--tls-ca-cert-file', join(dir, 'ca.pem')],
  ];
}

async function writeCertificates(dir: string): Promise<void> {
  const files = Object.entries(makeCertificates());
  await Promise.all(files.map(([name, text]) => writeFile(join(dir, `${name}.pem`), text)));
}
