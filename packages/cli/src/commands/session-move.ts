import { CulvertError } from '@culvert/base';
import type { SessionMove } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { followMove, type MoveEnd } from '../move/follow.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 24 * 3_600_000;

interface MoveFlags extends TargetFlags {
  readonly to?: string;
  readonly wait: boolean;
  readonly timeout?: string;
}

/** `culvert sessions move`. */
export function addMove(sessions: Command, context: CommandContext): void {
  withTarget(sessions.command('move <id>').description('send a session to another worker, with its connections'))
    .option('--to <worker>', 'the worker that it should go to; unless given, to one that has room')
    .option('--no-wait', 'only begin it')
    .option('--timeout <duration>', 'how long to follow it, 30s unless given')
    .action((id: string, flags: MoveFlags) => move(id, flags, context));
}

async function move(id: string, flags: MoveFlags, { stdout }: CommandContext): Promise<void> {
  const { duration, formatDuration } = await import('@culvert/service');
  const given = optionValue('--timeout', flags.timeout, duration(1_000, MAX_TIMEOUT_MS));
  const deadlineMs = given ?? DEFAULT_TIMEOUT_MS;
  const api = await openApi(flags);
  const body = flags.to === undefined ? {} : { to: flags.to };
  const begun = await api.call<SessionMove>('POST', `/sessions/${encodeURIComponent(id)}/move`, { body });
  const say = (text: string): unknown => (flags.json ? undefined : stdout.write(text));
  say(`${id} is told to leave ${begun.node} for ${begun.to ?? 'another worker'}, and served there until it has\n`);
  if (!flags.wait) {
    if (flags.json) stdout.write(json(begun));
    return;
  }
  const end = await followMove(api, begun, { deadlineMs });
  const { outcome } = end;
  if (flags.json) stdout.write(json({ ...begun, outcome, movedTo: outcome === 'moved' ? end.node : null }));
  if (outcome !== 'moved') throw failureOf(end, begun, formatDuration(deadlineMs));
  const elsewhere = begun.to !== null && begun.to !== end.node ? `, not ${begun.to}, which did not take it` : '';
  say(`${id} is on ${end.node} now${elsewhere}\n`);
}

function failureOf(
  end: Exclude<MoveEnd, { outcome: 'moved' }>,
  { session, node }: SessionMove,
  given: string,
): CulvertError {
  if (end.outcome === 'closed')
    return new CulvertError('session_not_found', `${session} was closed before it had moved`);
  const seen = end.failure === undefined ? '' : `; of late, nothing could be seen: ${end.failure.message}`;
  return new CulvertError('timeout', `${session} has not left ${node} after ${given}${seen}`, {
    fix: 'It is served as before. `culvert nodes ls` shows whether another worker of its pool is ready and has room.',
    ...(end.failure === undefined ? {} : { cause: end.failure }),
  });
}
