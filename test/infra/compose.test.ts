import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { duration } from '@culvert/service';
import { parse } from 'yaml';
import { infra } from '../support/infra/observability.ts';
import { readRole } from '../support/infra/role-arguments.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
  readonly cap_drop?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly networks: object;
}

const ROLES = ['api', 'gateway', 'worker', 'deployer'] as const;

/** What the script writes, as `--env-file` would read it. */
function madeEnvironment(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-env-'));
  try {
    const file = join(folder, '.env');
    const make = (): string =>
      execFileSync('sh', [join(infra, 'make-env.sh'), file], { encoding: 'utf8', stdio: 'pipe' });
    make();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'utf8');
    make();
    assert.equal(readFileSync(file, 'utf8'), text, 'what is there is left alone');
    return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `${NAME:-default}` and `${NAME:?message}` filled in; `$$` is a `$` for the container's shell (Compose specification, 12). */
function interpolated(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name?: string, operator?: string, rest = '') => {
    if (whole === '$$') return '$';
    const value = env[name ?? ''];
    if (value) return value;
    assert.equal(operator, '-', `${name} has no default: infra/make-env.sh has to make it`);
    return rest;
  });
}

/** Values are filled in after the file was read: what looks like a number stays text in an environment. */
function filled(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return interpolated(value, env);
  if (Array.isArray(value)) return value.map((item) => filled(item, env));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, env)]));
}

describe('the compose file', () => {
  const env = madeEnvironment();
  const text = readFileSync(join(infra, 'compose.yaml'), 'utf8');
  const compose = filled(parse(text, { merge: true }), env) as Compose;
  const all = Object.entries(compose.services);
  const milliseconds = duration(0, 3_600_000);

  for (const role of ROLES) {
    it(`starts ${role} with what it reads, and gives it time to stop in order`, () => {
      const service = compose.services[role];
      assert.ok(service);
      const image = imageEnvironment();
      const config = readRole(service.command ?? [], { ...image, ...service.environment });
      assert.equal(config.adminListen.port, 9090);
      assert.equal(config.redis, `redis://:${env.REDIS_PASSWORD}@redis:6379`);
      const grace = milliseconds.parse(service.stop_grace_period ?? '') ?? 0;
      assert.ok(grace >= config.stopDeadlineMs + 10_000);
      assert.ok((service.deploy?.replicas ?? 1) >= 2);
      assert.equal(service.ports, undefined, 'replicas cannot share a port of the machine');
      const writes = config.snapshotDir ?? config.stateDir;
      assert.equal(
        writes === undefined,
        (service.volumes ?? []).every((volume) => !volume.endsWith(':/data')),
      );
      assert.ok(!JSON.stringify(service.command).includes(env.CULVERT_SECRET ?? '-'));
    });
  }

  it('pins every image, and takes rights away from every container', () => {
    for (const [name, { image, read_only, security_opt, cap_drop }] of all) {
      assert.match(image, /:v?\d+\.\d+[\w.-]*$/, name);
      assert.deepEqual(
        { read_only, security_opt, cap_drop },
        { read_only: true, security_opt: ['no-new-privileges:true'], cap_drop: ['ALL'] },
        name,
      );
    }
  });

  it('names only services, volumes, networks and files that are there', () => {
    for (const [name, { volumes = [], networks, depends_on = {} }] of all) {
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) assert.ok(existsSync(join(infra, source)), `${name}: ${source}`);
        else assert.ok(Object.hasOwn(compose.volumes, source), `${name}: ${source}`);
      }
      for (const network of networks) assert.ok(Object.hasOwn(compose.networks, network), `${name}: ${network}`);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        assert.ok(Object.hasOwn(compose.services, other), `${name}: ${other}`);
        const own = compose.services[other];
        // Our image brings its health check along.
        const healthy = (own !== undefined && 'healthcheck' in own) || (ROLES as readonly string[]).includes(other);
        assert.ok(condition !== 'service_healthy' || healthy, `${name} waits for the health of ${other}`);
      }
    }
  });

  it('shows nothing to the network unless it is told to, and Redis to nobody', () => {
    for (const [name, { ports = [] }] of all)
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    assert.equal(compose.services.redis?.ports, undefined);
    assert.match(
      compose.services.redis?.command?.[2] ?? '',
      /maxmemory-policy noeviction[\s\S]*requirepass|requirepass[\s\S]*maxmemory-policy noeviction/,
    );
  });
});

describe('the units for systemd', () => {
  const units = globSync('*.service', { cwd: join(infra, 'systemd') });
  assert.equal(units.length, ROLES.length);
  for (const unit of units) {
    it(`${unit} starts its role with what it reads, and gives it time to stop in order`, () => {
      const text = readFileSync(join(infra, 'systemd', unit), 'utf8');
      const [, line = ''] = /^ExecStart=\S+ \S+main\.js (.+)$/m.exec(text) ?? [];
      const args = line.replace('%H', 'a-machine').split(' ');
      assert.equal(unit, `culvert-${args[0]}.service`);
      const config = readRole(args, { CULVERT_SECRET: 'x'.repeat(32), CULVERT_REDIS_URL: 'redis://r' });
      const seconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(text)?.[1]);
      assert.ok(seconds * 1_000 >= config.stopDeadlineMs + 10_000);
      for (const path of [config.snapshotDir, config.stateDir]) {
        if (path !== undefined) assert.match(String(path), /^\/var\/lib\/culvert\//, 'StateDirectory=culvert');
      }
    });
  }

  it('listen on ports of their own, so that one machine can run all', () => {
    const ports = units.flatMap((unit) =>
      [...readFileSync(join(infra, 'systemd', unit), 'utf8').matchAll(/listen=[\d.]+:(\d+)/g)].map(([, port]) => port),
    );
    assert.equal(new Set(ports).size, ports.length);
  });
});

/** What the image says of itself. */
function imageEnvironment(): Record<string, string> {
  const text = readFileSync(join(infra, 'Containerfile'), 'utf8');
  const [block = ''] = /^ENV (?:.*\\\n)*.*$/m.exec(text) ?? [];
  return Object.fromEntries([...block.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
