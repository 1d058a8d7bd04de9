import type { ClusterEvent, ClusterEventList, EventGap } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { followEvents } from '../events/follow-events.ts';
import { eventLine, gapLine } from '../events/words.ts';
import { optionValue } from '../option-value.ts';
import { json } from '../output.ts';
import { openApi, resolveTarget, type TargetFlags, withTarget } from '../target.ts';

const PAGE = 500;
const MAX_SHOWN = 20_000;
const MAX_AGE_MS = 30 * 24 * 3_600_000;
/** Before everything that is kept. */
const BEGINNING = '0-0';

interface EventFlags extends TargetFlags {
  readonly follow?: boolean;
  readonly since?: string;
  readonly limit: string;
  readonly session?: string;
  readonly node?: string;
  readonly tenant?: string;
  readonly types?: string;
}

/** `culvert events`. */
export function addEvents(program: Command, context: CommandContext): void {
  withTarget(program.command('events').description('what happened in the cluster, the newest last'))
    .option('-f, --follow', 'go on with what happens')
    .option('--since <id|duration>', 'all after this event, or of the last 10m, say')
    .option('--limit <n>', 'without --since: the last so many', '50')
    .option('--session <id>', 'only of this session')
    .option('--node <id>', 'only of this node')
    .option('--tenant <id>', 'only of this tenant')
    .option('--types <list>', 'only of these types, such as session.*,node.state')
    .action((flags: EventFlags) => showEvents(flags, context));
}

async function showEvents(flags: EventFlags, { stdout, stderr }: CommandContext): Promise<void> {
  const { duration, integer } = await import('@culvert/service');
  const limit = optionValue('--limit', flags.limit, integer(0, MAX_SHOWN)) ?? 0;
  const since = flags.since === undefined || isId(flags.since) ? flags.since : undefined;
  const age = since === undefined ? optionValue('--since', flags.since, duration(1, MAX_AGE_MS)) : undefined;
  // By this machine's clock: good enough for people, who ask for "about the last ten minutes".
  const after = age === undefined ? since : `${Date.now() - age}-0`;
  const api = await openApi(flags);
  const show = (event: ClusterEvent): void => void stdout.write(flags.json ? json(event) : eventLine(event));
  const showGap = (gap: EventGap): void => {
    if (age !== undefined && gap.after === after) return; // the cluster is younger than that
    stdout.write(flags.json ? json({ type: 'gap', ...gap }) : gapLine(gap));
  };

  let place = after;
  if (after === undefined) {
    const last = limit === 0 ? [] : await lastEvents(api, queryOf(flags), limit);
    last.forEach(show);
    // None at all: whatever comes is new.
    place = last.at(-1)?.id ?? (limit === 0 ? undefined : BEGINNING);
  }
  if (!flags.follow) {
    if (after !== undefined) for await (const event of eventsAfter(api, queryOf(flags), after)) show(event);
    return;
  }
  for await (const followed of followEvents(await resolveTarget(flags), queryOf(flags), place)) {
    if (followed.kind === 'event') show(followed.event);
    else if (followed.kind === 'gap') showGap(followed.gap);
    else stderr.write(`culvert: the stream of events broke (${followed.why}); it goes on as soon as it can\n`);
  }
}

/** The newest last. */
async function lastEvents(api: ApiClient, query: URLSearchParams, limit: number): Promise<ClusterEvent[]> {
  const events: ClusterEvent[] = [];
  query.set('order', 'desc');
  while (events.length < limit) {
    const { items, next } = await page(api, query, Math.min(PAGE, limit - events.length));
    events.push(...items);
    if (next === null) break;
    query.set('before', next);
  }
  return events.reverse();
}

async function* eventsAfter(api: ApiClient, query: URLSearchParams, after: string): AsyncGenerator<ClusterEvent> {
  for (let next: string | null = after; next !== null; ) {
    query.set('after', next);
    const answer = await page(api, query, PAGE);
    yield* answer.items;
    next = answer.next;
  }
}

function page(api: ApiClient, query: URLSearchParams, limit: number): Promise<ClusterEventList> {
  query.set('format', 'json');
  query.set('limit', String(limit));
  return api.call<ClusterEventList>('GET', `/events?${query}`);
}

function queryOf({ session, node, tenant, types }: EventFlags): URLSearchParams {
  const wanted = Object.entries({ session, node, tenant, types });
  return new URLSearchParams(wanted.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function isId(text: string): boolean {
  return /^\d{1,15}(-\d{1,15})?$/.test(text);
}
