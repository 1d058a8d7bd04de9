import { CulvertError } from '@culvert/base';
import type { LogRecord, LogSource, LogTrouble } from '@culvert/local';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { EXIT, ExitWith } from '../failure.ts';
import { aboutWords, Extent, StoryTeller, troubleWords } from '../logs/tell.ts';
import { LEVELS, type Level, Story, type Wanted } from '../logs/wanted.ts';
import { optionValue } from '../option-value.ts';

const MAX_AGE_MS = 365 * 24 * 3_600_000;

interface LogFlags {
  readonly session?: string;
  readonly connection?: string;
  readonly deploy?: string;
  readonly node?: string;
  readonly since?: string;
  readonly level?: Level;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly dataDir?: string;
  readonly file?: string[];
}

const HELP = `
Lines come from the logs of a local cluster (the nearest .culvert/, or --data-dir), or from what --file names:
  kubectl logs -l app=culvert --tail=-1 | culvert logs --file - --session s_…
Times are UTC. Without any of --session, --connection, --deploy and --node, every line is shown.`;

/** `culvert logs`: one story out of the logs of many processes. */
export function addLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .description('what happened to a session, a connection or a deployment, across all processes')
    .option('--session <id>', 'of this session, its connections included')
    .option('--connection <id>', 'of this connection, and of its session meanwhile')
    .option('--deploy <id>', 'of this deployment, and of the sessions that it moved')
    .option('--node <id>', 'of this process, or naming it')
    .option('-f, --follow', 'go on with what is written')
    .option('--since <duration|time>', 'of the last 10m, say, or since 2026-01-31T12:00:00Z')
    .addOption(new Option('--level <level>', 'this level, and what is worse').choices(LEVELS))
    .option('--data-dir <folder>', 'data folder of a local cluster')
    .option('--file <path...>', 'these logs instead; - is standard input')
    .option('--json', 'the lines as they were written, in order')
    .addHelpText('after', HELP)
    .action((flags: LogFlags) => showLogs(flags, context));
}

async function showLogs(flags: LogFlags, context: CommandContext): Promise<void> {
  if (context.stdout === process.stdout) endWithReader();
  const wanted = await wantedOf(flags);
  const story = new Story(wanted);
  if (flags.follow && flags.file !== undefined) return followInput(flags.file, wanted, story, flags, context);
  const { LogFollower, logFolder } = await import('@culvert/local');
  const folder = flags.file === undefined ? logFolder(flags.dataDir, process.cwd()) : undefined;
  const follower = flags.follow && folder !== undefined ? await LogFollower.atEnd(folder, () => true) : undefined;
  const sources = await sourcesOf(flags, folder, story, follower?.ends);
  const extent = await lookFirst(sources, story, flags);
  if (extent.lines === 0 && follower === undefined) return nothingFound(wanted, sources, context);
  const teller = flags.json ? undefined : new StoryTeller(context.stdout, wanted, extent.widths);
  const show = shower(teller, context);
  const much = extent.lines === 0 ? 'nothing yet; what is written from now on follows' : extent.words();
  if (teller !== undefined) context.stdout.write(`${aboutWords(wanted)}: ${much}\n\n`);
  await showAll(sources, story, show, (trouble) => void context.stderr.write(troubleWords(trouble)));
  if (follower === undefined) return teller?.end();
  if (!extent.isOver) story.goesOn();
  await follow(follower.batches(untilInterrupted()), story, show);
  teller?.end();
}

/** What is written to standard input, as it comes. */
async function followInput(
  files: readonly string[],
  wanted: Wanted,
  story: Story,
  { json }: LogFlags,
  context: CommandContext,
): Promise<void> {
  if (files.length !== 1 || files[0] !== '-') {
    throw new CulvertError('config_invalid', '--follow goes with the logs of a local cluster, or with --file - alone', {
      fix: 'Have the files followed by another program: tail -F FILE… | culvert logs --follow --file -',
    });
  }
  const { followStream } = await import('@culvert/local');
  story.goesOn();
  const teller = json ? undefined : new StoryTeller(context.stdout, wanted, new Extent().widths);
  await follow(followStream(process.stdin), story, shower(teller, context));
  teller?.end();
}

function shower(teller: StoryTeller | undefined, { stdout }: CommandContext): (record: LogRecord) => void {
  return (record) => {
    if (teller === undefined) stdout.write(`${record.text}\n`);
    else teller.line(record);
  };
}

async function follow(
  batches: AsyncIterable<LogRecord[]>,
  story: Story,
  show: (record: LogRecord) => void,
): Promise<void> {
  for await (const batch of batches) {
    for (const record of batch) {
      story.learn(record);
      if (story.has(record)) show(record);
    }
  }
}

/** Whoever has read enough (`| head`) closes the pipe: that is no failure. */
function endWithReader(): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
}

/** Ctrl-C ends the following, not the story: what it comes to is still told. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

async function wantedOf({ session, connection, deploy, node, since, level }: LogFlags): Promise<Wanted> {
  const ids = Object.entries({ session, connection, deploy, node, level });
  const sinceMs = since === undefined ? undefined : await sinceMsOf(since);
  const given = Object.fromEntries(ids.filter(([, value]) => value !== undefined));
  return { ...given, ...(sinceMs === undefined ? {} : { sinceMs }) };
}

/** By this machine's clock, which is also that of a local cluster. */
async function sinceMsOf(since: string): Promise<number> {
  const time = /^\d{4}-\d\d-\d\d/.test(since) ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const { duration } = await import('@culvert/service');
  return Date.now() - (optionValue('--since', since, duration(1, MAX_AGE_MS)) ?? 0);
}

async function sourcesOf(
  { file }: LogFlags,
  folder: string | undefined,
  story: Story,
  ends: ReadonlyMap<string, number> | undefined,
): Promise<LogSource[]> {
  const { LogHeap, processLogs } = await import('@culvert/local');
  if (folder !== undefined) return processLogs(folder, ends);
  // It can be read only once, before anything is known of sessions: with something to learn, any session's lines may matter.
  const mayMatter = (text: string): boolean =>
    story.learns ? text.includes('"session_id"') || story.teaches(text) : story.mayHave(text);
  return Promise.all(
    (file ?? []).map((path) =>
      path === '-' ? LogHeap.ofStream(process.stdin, mayMatter) : LogHeap.ofFile(path, mayMatter),
    ),
  );
}

/** What there is to learn, and how much belongs to the story. */
async function lookFirst(sources: readonly LogSource[], story: Story, { json, follow }: LogFlags): Promise<Extent> {
  const { mergeLogs } = await import('@culvert/local');
  const ignored = (): void => undefined; // told by the second look
  if (story.learns) {
    const teaches = (text: string): boolean => story.teaches(text);
    for await (const record of mergeLogs(sources, teaches, ignored)) story.learn(record);
  }
  const extent = new Extent();
  for await (const record of mergeLogs(sources, (text) => story.mayHave(text), ignored)) {
    if (!story.has(record)) continue;
    extent.add(record);
    // Programs are given no header, and want no more than to know that there is something.
    if (json && !follow) break;
  }
  return extent;
}

async function showAll(
  sources: readonly LogSource[],
  story: Story,
  show: (record: LogRecord) => void,
  told: (trouble: LogTrouble) => void,
): Promise<void> {
  const { mergeLogs } = await import('@culvert/local');
  for await (const record of mergeLogs(sources, (text) => story.mayHave(text), told)) {
    if (story.has(record)) show(record);
  }
}

function nothingFound(wanted: Wanted, sources: readonly LogSource[], { stderr }: CommandContext): never {
  const where = sources.length === 0 ? 'there are no logs' : `none in ${sources.length} logs`;
  const hints = [
    ...(wanted.sinceMs === undefined ? [] : ['a longer --since']),
    ...(wanted.level === undefined ? [] : ['no --level']),
    'another --data-dir',
    '`culvert sessions ls` for ids (a session is named by its id here)',
  ];
  stderr.write(`culvert: no line of ${aboutWords(wanted)}: ${where}\nFix: try ${hints.join(', ')}.\n`);
  throw new ExitWith(EXIT.failed);
}
