import { CulvertError } from '@culvert/base';
import type { Deployment } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { EXIT, ExitWith } from '../failure.ts';
import { optionValue } from '../option-value.ts';
import type { Output } from '../output.ts';
import { onStopSignals } from '../up/stop-signals.ts';
import { type Api, followDeployment, type Look } from './follow.ts';
import { printable } from './line.ts';
import { terminalOf } from './screen.ts';
import { DEPLOY_EXIT, exitCodeOf, isOver } from './states.ts';
import { JsonTeller, LineTeller, ScreenTeller, type Teller } from './tellers.ts';
import { at, span } from './time.ts';
import { joinWith, stateWords } from './words.ts';

/** A deploy worker looks at one that is paused every 5 s: a `resume` that was just given may not have been taken in yet. */
const PAUSED_MS = 6_000;
/** By Ctrl-C, as a shell has it. */
const INTERRUPTED = 130;

const MAX_TIMEOUT_MS = 7 * 24 * 3_600_000;
const DEFAULT_TIMEOUT_MS = 24 * 3_600_000;

export interface WatchFlags {
  readonly timeout?: string;
}

export function withTimeout(command: Command): Command {
  return command.option('--timeout <duration>', 'how long to follow it, 24h unless given; it goes on after');
}

/** Throws `config_invalid`. */
export async function timeoutOf({ timeout }: WatchFlags): Promise<number> {
  const { duration } = await import('@culvert/service');
  return optionValue('--timeout', timeout, duration(1_000, MAX_TIMEOUT_MS)) ?? DEFAULT_TIMEOUT_MS;
}

export interface WatchOptions {
  readonly json: boolean;
  /** For how long, from now, in ms; the deployment itself goes on after. */
  readonly timeoutMs: number;
  /** Between two looks, in ms. */
  readonly pollMs?: number;
  /** How long it must have waited for a person before a program is told so, in ms; 6 s. */
  readonly pausedMs?: number;
}

/**
 * Shows a deployment until it is over, or waits for a person and nobody sits at a terminal. Always ends with an ExitWith of
 * the outcome's exit code, unless that is 0, or with what the API refuses; `timeout` once the time is up.
 */
export async function watchDeployment(
  api: Api,
  begun: Deployment,
  options: WatchOptions,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): Promise<void> {
  const { json, timeoutMs, pollMs, pausedMs = PAUSED_MS } = options;
  const terminal = json ? null : terminalOf(stdout);
  const teller = tellerFor(json, terminal === null ? null : new ScreenTeller(terminal), stdout);
  const detached = new AbortController();
  const late = AbortSignal.timeout(timeoutMs);
  const unlisten = onStopSignals(
    () => detached.abort(),
    () => undefined,
  );
  const signal = AbortSignal.any([detached.signal, late]);
  const person = new WaitsForPerson(terminal === null ? pausedMs : Number.POSITIVE_INFINITY);
  let last: Look = { deployment: begun, unmet: [], reasons: [], failure: null };
  let waited = false;
  try {
    for await (const look of followDeployment(api, begun, { signal, ...(pollMs === undefined ? {} : { pollMs }) })) {
      last = look;
      teller.show(look);
      waited = person.sees(look, performance.now());
      if (waited) break;
    }
  } finally {
    teller.end();
    unlisten();
  }
  const { deployment } = last;
  const say = (text: string): unknown => (json ? stderr : stdout).write(`${printable(text)}\n`);
  if (detached.signal.aborted) {
    say(`${deployment.id} goes on. Look at it again: ${joinWith(deployment)}`);
    throw new ExitWith(INTERRUPTED);
  }
  if (!isOver(deployment) && !waited) throw tooLate(last, timeoutMs);
  if (!json) say(ending(deployment));
  const code = waited ? DEPLOY_EXIT.waits : exitCodeOf(deployment.state);
  if (code !== null && code !== EXIT.ok) throw new ExitWith(code);
}

function tellerFor(json: boolean, screen: Teller | null, stdout: Output): Teller {
  if (json) return new JsonTeller(stdout);
  return screen ?? new LineTeller(stdout);
}

/** Whether it has waited for a person for so long. */
class WaitsForPerson {
  readonly #forMs: number;
  #since: number | null = null;

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  sees({ deployment, unmet, failure }: Look, nowMs: number): boolean {
    if (failure !== null) return false;
    const held = unmet.some(({ code }) => code === 'held');
    this.#since = deployment.state === 'paused' || held ? (this.#since ?? nowMs) : null;
    return this.#since !== null && nowMs - this.#since >= this.#forMs;
  }
}

function tooLate({ deployment: { id, state }, failure }: Look, timeoutMs: number): CulvertError {
  const unseen = failure === null ? '' : `, as far as is known (${failure.message})`;
  return new CulvertError('timeout', `${id} is still ${stateWords(state)} after ${span(timeoutMs)}${unseen}`, {
    fix: `It goes on. Look at it again with \`culvert deploy watch ${id}\`; \`culvert deploy why ${id}\` says what it waits for.`,
  });
}

/** The last line. */
function ending(deployment: Deployment): string {
  const { id, state, reason, createdAt, finishedAt } = deployment;
  const because = reason === null || reason === '' ? '' : `: ${reason}`;
  if (!isOver(deployment)) return `${id} waits for a person, ${stateWords(state)}${because}`;
  const took = finishedAt === null ? '' : ` after ${span(at(finishedAt) - at(createdAt))}`;
  const receipt = state === 'rejected' ? '' : `. What became of every session: culvert deploy receipt ${id}`;
  return `${id} ${outcomeWords(state)}${took}${because}${receipt}`;
}

function outcomeWords(state: Deployment['state']): string {
  if (state === 'succeeded' || state === 'failed') return state;
  return `was ${stateWords(state)}`;
}
