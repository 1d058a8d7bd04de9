import { CulvertError } from '@culvert/base';
import type { ApiKeyList, CreatedKey } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ago, json, orDash, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

interface CreateFlags extends TargetFlags {
  readonly tenant: string;
  readonly role: string;
  readonly label?: string;
  readonly expiresIn?: string;
}

/** `culvert keys create|ls|revoke|root`. */
export function addKeys(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('make and revoke API keys');
  withTarget(keys.command('create').description('make a key; it is shown once'))
    .requiredOption('--tenant <id>', 'whose key it is')
    .option(
      '--role <role>',
      'agent (opens sessions), viewer (looks at everything), operator (looks, moves, closes) or admin',
      'agent',
    )
    .option('--label <text>', 'what it is for')
    .option('--expires-in <duration>', 'such as 12h or 30d; without, it stays valid until it is revoked')
    .action((flags: CreateFlags) => create(flags, context));
  withTarget(keys.command('ls').description("list a tenant's keys"))
    .requiredOption('--tenant <id>', 'whose keys')
    .action((flags: TargetFlags & { tenant: string }) => list(flags, context));
  withTarget(keys.command('revoke <id>').description('let a key be valid no longer'))
    .requiredOption('--tenant <id>', 'whose key it is')
    .action((id: string, flags: TargetFlags & { tenant: string }) => revoke(id, flags, context));
  keys
    .command('root')
    .description("print the cluster's first admin key, derived from its secret")
    .option('--data-dir <dir>', 'of a local cluster, for its secret; CULVERT_SECRET wins')
    .option('--json', 'print the answer as JSON')
    .action((flags: { dataDir?: string; json?: boolean }) => root(flags, context));
}

function path(tenant: string): string {
  return `/tenants/${encodeURIComponent(tenant)}/keys`;
}

async function create(flags: CreateFlags, { stdout, stderr }: CommandContext): Promise<void> {
  const { tenant, role, label, expiresIn } = flags;
  const ttlSeconds = expiresIn === undefined ? undefined : seconds(expiresIn);
  const api = await openApi(flags);
  const key = await api.call<CreatedKey>('POST', path(tenant), {
    body: { role, ...(label === undefined ? {} : { label }), ...(ttlSeconds === undefined ? {} : { ttlSeconds }) },
  });
  if (flags.json) {
    stdout.write(json(key));
    return;
  }
  // The key alone on stdout: `CULVERT_KEY=$(culvert keys create …)` works.
  stdout.write(`${key.key}\n`);
  stderr.write(`made the ${key.role} key ${key.id} of ${tenant}; it is not shown again\n`);
}

async function list(flags: TargetFlags & { tenant: string }, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<ApiKeyList>('GET', path(flags.tenant));
  if (flags.json) {
    stdout.write(json(answer));
    return;
  }
  stdout.write(
    table(
      answer.items,
      [
        { title: 'KEY', value: ({ id }) => id },
        { title: 'ROLE', value: ({ role }) => role },
        { title: 'LABEL', value: ({ label }) => orDash(label) },
        { title: 'CREATED', value: ({ createdAt }) => ago(createdAt) },
        { title: 'EXPIRES', value: ({ expiresAt }) => ago(expiresAt) },
        { title: 'REVOKED', value: ({ revokedAt }) => ago(revokedAt) },
      ],
      'No keys. `culvert keys create --tenant ID` makes one.',
    ),
  );
}

async function revoke(id: string, flags: TargetFlags & { tenant: string }, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  await api.call('DELETE', `${path(flags.tenant)}/${encodeURIComponent(id)}`);
  stdout.write(flags.json ? json({ revoked: id }) : `revoked ${id}\n`);
}

async function root(flags: { dataDir?: string; json?: boolean }, { stdout }: CommandContext): Promise<void> {
  const [{ ClusterSecret, rootAdminKey }, { DEFAULT_DATA_DIR, readClusterSecret }] = await Promise.all([
    import('@culvert/service'),
    import('@culvert/local'),
  ]);
  const dataDir = flags.dataDir ?? DEFAULT_DATA_DIR;
  const secret = process.env.CULVERT_SECRET || readClusterSecret(dataDir);
  if (!secret) {
    throw new CulvertError('config_invalid', `CULVERT_SECRET is not set, and ${dataDir} holds no cluster's secret`, {
      fix: "Set CULVERT_SECRET to the cluster's secret, or give the --data-dir of a local cluster.",
    });
  }
  const key = rootAdminKey(ClusterSecret.parse(secret));
  stdout.write(flags.json ? json({ key }) : `${key}\n`);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

function seconds(given: string): number {
  const match = /^(\d{1,6})([mhd])$/.exec(given);
  const total = Number(match?.[1]) * (UNIT_SECONDS[match?.[2] ?? ''] ?? Number.NaN);
  if (total > 0) return total;
  throw new CulvertError(
    'config_invalid',
    `--expires-in: ${JSON.stringify(given)} is no duration such as 30m, 12h or 30d`,
  );
}
