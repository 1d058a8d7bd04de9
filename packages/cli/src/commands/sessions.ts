import type { ConnectionList, Session, SessionList } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { ago, bytes, fields, json, orDash, paintState, table } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';
import { addMove } from './session-move.ts';

interface ListFlags extends TargetFlags {
  readonly state?: string;
  readonly node?: string;
  readonly tenant?: string;
  readonly search?: string;
  readonly limit: string;
}

/** `culvert sessions ls|show|close|move`. */
export function addSessions(program: Command, context: CommandContext): void {
  const sessions = program.command('sessions').description('look at sessions, close and move them');
  withTarget(sessions.command('ls').description('list sessions'))
    .option('--state <state>', 'only those that are idle, busy or offline')
    .option('--node <id>', 'only those that this worker owns')
    .option('--tenant <id>', 'only those of this tenant')
    .option('--search <text>', 'only those whose id, name or a label contains this')
    .option('--limit <n>', 'at most so many, up to 500', '100')
    .action((flags: ListFlags) => list(flags, context));
  withTarget(sessions.command('show <id>').description('one session and its live connections')).action(
    (id: string, flags: TargetFlags) => show(id, flags, context),
  );
  withTarget(sessions.command('close <id>').description('close a session; refused while it has connections'))
    .option('--force', 'close it with its connections')
    .action((id: string, flags: TargetFlags & { force?: boolean }) => close(id, flags, context));
  addMove(sessions, context);
}

async function list(flags: ListFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...flags, q: flags.search })) {
    if (['state', 'node', 'tenant', 'q', 'limit'].includes(name) && typeof value === 'string') query.set(name, value);
  }
  const answer = await api.call<SessionList>('GET', `/sessions?${query}`);
  if (flags.json) {
    stdout.write(json(answer));
    return;
  }
  stdout.write(
    table(
      answer.items,
      [
        { title: 'SESSION', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => orDash(name) },
        { title: 'TENANT', value: ({ tenant }) => tenant },
        { title: 'STATE', value: ({ state }) => state, paint: paintState },
        { title: 'WORKER', value: ({ node }) => orDash(node) },
        { title: 'CONNECTIONS', value: ({ connections }) => String(connections), right: true },
        { title: 'IN', value: ({ bytesIn }) => bytes(bytesIn), right: true },
        { title: 'OUT', value: ({ bytesOut }) => bytes(bytesOut), right: true },
        { title: 'CONNECTED', value: ({ connectedAt }) => ago(connectedAt) },
      ],
      'No sessions. `culvert connect` opens one.',
    ),
  );
  if (answer.next !== null) stdout.write(`… and more: give a larger --limit.\n`);
}

async function show(id: string, flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  const path = `/sessions/${encodeURIComponent(id)}`;
  const session = await api.call<Session>('GET', path);
  const { items } = await api.call<ConnectionList>('GET', `${path}/connections`);
  if (flags.json) {
    stdout.write(json({ ...session, openConnections: items }));
    return;
  }
  const labels = Object.entries(session.labels).map(([name, value]) => `${name}=${value}`);
  stdout.write(
    fields([
      ['session', session.id],
      ['name', orDash(session.name)],
      ['tenant', session.tenant],
      ['state', paintState(session.state)],
      ['worker', orDash(session.node)],
      ['epoch', orDash(session.epoch)],
      ['connected', ago(session.connectedAt)],
      ['changed', ago(session.changedAt)],
      ['traffic', `${bytes(session.bytesIn)} in, ${bytes(session.bytesOut)} out`],
      ['labels', orDash(labels.join(' '))],
    ]),
  );
  stdout.write('\n');
  stdout.write(
    table(
      items,
      [
        { title: 'CONNECTION', value: ({ id }) => id },
        { title: 'TARGET', value: ({ target }) => target },
        { title: 'KIND', value: ({ kind }) => kind },
        { title: 'PATH', value: ({ attached }) => (attached ? 'attached' : 'between two') },
        { title: 'OPENED', value: ({ openedAt }) => ago(openedAt) },
        { title: 'LAST BYTE', value: ({ lastByteAt }) => ago(lastByteAt) },
        { title: 'IN', value: ({ bytesIn }) => bytes(bytesIn), right: true },
        { title: 'OUT', value: ({ bytesOut }) => bytes(bytesOut), right: true },
      ],
      'No open connections.',
    ),
  );
}

async function close(id: string, flags: TargetFlags & { force?: boolean }, { stdout }: CommandContext): Promise<void> {
  const api = await openApi(flags);
  await api.call('DELETE', `/sessions/${encodeURIComponent(id)}${flags.force ? '?force=true' : ''}`);
  stdout.write(flags.json ? json({ closed: id }) : `closed ${id}\n`);
}
