import type { Deployment, DeploymentState } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { EXIT } from '../failure.ts';

/** Exit codes of `deploy start`, `watch` and `rehearse`, beside those of every command. */
export const DEPLOY_EXIT = { aborted: 3, rolled_back: 4, waits: 5 } as const;

export const EXIT_HELP = `
Exit code: 0 succeeded, 1 failed or rejected (and every other error), 2 wrong usage, 3 aborted, 4 rolled back,
5 it waits for a person, paused or held, and nobody is at a terminal; 130 after Ctrl-C, which only stops following.`;

/** null: it is not over. */
const OUTCOMES: Readonly<Record<DeploymentState, number | null>> = {
  pending: null,
  preflight: null,
  running: null,
  paused: null,
  analyzing: null,
  rolling_back: null,
  succeeded: EXIT.ok,
  failed: EXIT.failed,
  rejected: EXIT.failed,
  aborted: DEPLOY_EXIT.aborted,
  rolled_back: DEPLOY_EXIT.rolled_back,
};

export function isOver({ state }: Pick<Deployment, 'state'>): boolean {
  return exitCodeOf(state) !== null;
}

/** null: it is not over. A state that this version does not know counts as one that goes on. */
export function exitCodeOf(state: DeploymentState): number | null {
  return OUTCOMES[state] ?? null;
}

const PAINTS: Readonly<Record<string, (text: string) => string>> = {
  succeeded: colors.green,
  ok: colors.green,
  done: colors.green,
  running: colors.cyan,
  analyzing: colors.cyan,
  preflight: colors.cyan,
  paused: colors.yellow,
  rolling_back: colors.yellow,
  skipped: colors.yellow,
  aborted: colors.yellow,
  rolled_back: colors.yellow,
  failed: colors.red,
  rejected: colors.red,
  pending: colors.dim,
  waiting: colors.dim,
};

/** Colours a state of a deployment or of one of its nodes, padded or not. */
export function paintOutcome(state: string): string {
  return painterOf(state.trim())(state);
}

export function painterOf(state: string): (text: string) => string {
  return PAINTS[state] ?? String;
}
