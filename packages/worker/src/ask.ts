import type { Clock } from '@culvert/base';
import type { SessionQuestion, WorkerDone, WorkerRefusal } from '@culvert/contracts';
import { describeSession } from './describe-session.ts';
import type { SessionActor, SessionEnd } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

export const BY_OPERATOR: SessionEnd = {
  code: 'session_closed',
  message: 'closed by an operator',
  by: 'operator',
  final: false,
};

/** One session closed by name is meant: its agent must not come back at once. */
export const CLOSED_BY_NAME: SessionEnd = { ...BY_OPERATOR, final: true };

/** An agent that has not gone this long after it was told to stays, as far as this worker is concerned. ms. */
const GRACE_MS = 15_000;

export interface Asked {
  readonly sessions: Pick<Sessions, 'get'>;
  readonly clock: Clock;
}

export type Answer = WorkerDone[keyof WorkerDone] | WorkerRefusal;

/**
 * Puts a question to the actor of a session, for the ownership of this epoch and no other. Precondition: the deadline has not
 * passed. One step from the check of the epoch to the end: nothing comes between, no connection and no newer claim.
 */
export function askSession(
  { sessions, clock }: Asked,
  sessionId: string,
  epoch: number,
  question: SessionQuestion,
): Answer {
  const actor = sessions.get(sessionId);
  // Handed off: a newer owner has it. A lower epoch than was asked for: the claim's reply is on its way, or the asker's
  // directory is ahead of us in some other way; the session that is meant is not the one that is here.
  if (actor?.epoch == null || actor.epoch < epoch || actor.state.phase === 'handed_off') {
    return { outcome: 'wrong_owner' };
  }
  if (actor.epoch > epoch) return { outcome: 'fenced', epoch: actor.epoch };
  return carryOut(actor, actor.epoch, question, clock);
}

function carryOut(actor: SessionActor, epoch: number, question: SessionQuestion, clock: Clock): Answer {
  switch (question.kind) {
    case 'describe':
      return { outcome: 'done', session: { ...describeSession(actor), epoch } };
    case 'close':
      actor.close(CLOSED_BY_NAME);
      return { outcome: 'done' };
    case 'close_if_idle':
      if (actor.closeIfIdle(CLOSED_BY_NAME)) return { outcome: 'done' };
      return { outcome: 'busy', connections: actor.connections };
    case 'move':
      // Nobody is there to be told.
      if (!actor.serving) return { outcome: 'offline' };
      move(actor, question.to, clock);
      return { outcome: 'done', to: question.to };
  }
}

function move(actor: SessionActor, to: string | null, clock: Clock): void {
  // Without a target the agent asks the API, which knows every worker's room.
  const advice = to === null ? undefined : { target: to, delayMs: 0 };
  actor.move('draining', 'an operator moves the session', advice, { by: 'operator' });
  const told = actor.state;
  // Unless it was told something newer since, by a drain say.
  clock.after(GRACE_MS, () => {
    if (actor.state === told) actor.stay();
  });
}
