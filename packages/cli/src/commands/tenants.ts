import type { Tenant, TenantList } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ago, json, orDash, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';
import { count, type LimitFlags, limitTenant } from './tenant-limit.ts';

interface PinFlags extends TargetFlags {
  readonly spill?: string;
}

interface CreateFlags extends TargetFlags {
  readonly name?: string;
  readonly sessions?: string;
  readonly connectionsPerSession?: string;
}

/** `culvert tenants create|ls|limit|pin|unpin|status-page|delete`. */
export function addTenants(program: Command, context: CommandContext): void {
  const tenants = program.command('tenants').description('make, limit, pin and delete tenants');
  withTarget(tenants.command('create <id>').description('make a tenant'))
    .option('--name <name>', 'its name for people; the id unless given')
    .option('--sessions <n>', 'how many sessions it may have at one time')
    .option('--connections-per-session <n>', 'how many connections each of them may have at one time')
    .action((id: string, flags: CreateFlags) => create(id, flags, context));
  withTarget(tenants.command('ls').description('list tenants')).action((flags: TargetFlags) => list(flags, context));
  withTarget(
    tenants.command('limit <id>').description('change how much a tenant may have; new sessions go by it at once'),
  )
    .option('--sessions <n>', 'how many sessions it may have at one time; those that are open stay')
    .option('--connections <n>', 'how many connections each of them may have at one time')
    .action((id: string, flags: LimitFlags) => limitTenant(id, flags, context));
  withTarget(tenants.command('pin <id> <pool>').description('serve a tenant in one pool of workers only'))
    .option('--spill <pools>', 'when that is full, in these other pools, in their order: a,b; else its sessions wait')
    .action((id: string, pool: string, flags: PinFlags) => pin(id, pool, flags, context));
  withTarget(tenants.command('unpin <id>').description('serve a tenant in the default pool again')).action(
    (id: string, flags: TargetFlags) =>
      change({ method: 'DELETE', path: `${path(id)}/pin` }, `${id} is no longer pinned`, flags, context),
  );
  withTarget(tenants.command('status-page <id>').description("show the address of a tenant's own status page")).action(
    (id: string, flags: TargetFlags) => statusPage(id, flags, context),
  );
  withTarget(tenants.command('delete <id>').description('delete a tenant with its keys')).action(
    (id: string, flags: TargetFlags) => change({ method: 'DELETE', path: path(id) }, `deleted ${id}`, flags, context),
  );
}

function path(id: string): string {
  return `/tenants/${encodeURIComponent(id)}`;
}

async function create(id: string, flags: CreateFlags, { stdout }: CommandContext): Promise<void> {
  const limits = {
    ...(flags.sessions === undefined ? {} : { sessions: count('--sessions', flags.sessions) }),
    ...(flags.connectionsPerSession === undefined
      ? {}
      : { connectionsPerSession: count('--connections-per-session', flags.connectionsPerSession) }),
  };
  const api = await openApi(flags);
  const body = { id, name: flags.name ?? id, ...(Object.keys(limits).length > 0 ? { limits } : {}) };
  const tenant = await api.call<Tenant>('POST', '/tenants', { body });
  stdout.write(
    flags.json
      ? json(tenant)
      : `made the tenant ${tenant.id}\nIts agents need a key: culvert keys create --tenant ${tenant.id}\n`,
  );
}

async function pin(id: string, pool: string, flags: PinFlags, context: CommandContext): Promise<void> {
  const spill = flags.spill?.split(',').map((name) => name.trim()) ?? [];
  const body = spill.length > 0 ? { pool, whenFull: 'spill', spill } : { pool };
  const otherwise = spill.length > 0 ? `, and spills to ${spill.join(', ')} when that is full` : '';
  await change(
    { method: 'PUT', path: `${path(id)}/pin`, body },
    `${id} is pinned to ${pool}${otherwise}`,
    flags,
    context,
  );
}

/** Whoever has the address may read the page: it is told on its own, to be passed on. */
async function statusPage(id: string, flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<{ url: string }>('GET', `${path(id)}/status-page`);
  stdout.write(flags.json ? json(answer) : `${answer.url}\n`);
}

async function list(flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<TenantList>('GET', '/tenants');
  if (flags.json) {
    stdout.write(json(answer));
    return;
  }
  stdout.write(
    table(
      answer.items,
      [
        { title: 'TENANT', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'PINNED TO', value: ({ pool }) => orDash(pool) },
        { title: 'SPILLS TO', value: ({ spill }) => orDash(spill.join(', ') || null) },
        {
          title: 'SESSIONS',
          value: ({ sessions }) => orDash(sessions),
          right: true,
        },
        { title: 'MAX SESSIONS', value: ({ limits }) => String(limits.sessions), right: true },
        { title: 'MAX CONNECTIONS', value: ({ limits }) => String(limits.connectionsPerSession), right: true },
        { title: 'CREATED', value: ({ createdAt }) => ago(createdAt) },
      ],
      'No tenants. `culvert tenants create ID` makes one.',
    ),
  );
}

async function change(
  call: { method: string; path: string; body?: unknown },
  done: string,
  flags: TargetFlags,
  { stdout }: CommandContext,
): Promise<void> {
  const api = await openApi(flags);
  const answer = await api.call<unknown>(call.method, call.path, { body: call.body });
  stdout.write(flags.json ? json(answer ?? {}) : `${done}\n`);
}
