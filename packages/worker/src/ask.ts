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

export type Answer = WorkerDone[keyof WorkerDone] | WorkerRefusal;

/**
 * Puts a question to the actor of a session, for the ownership of this epoch and no other. Precondition: the deadline has not
 * passed. One step from the check of the epoch to the end: nothing comes between, no connection and no newer claim.
 */
export function askSession(sessions: Sessions, sessionId: string, epoch: number, question: SessionQuestion): Answer {
  const actor = sessions.get(sessionId);
  // Handed off: a newer owner has it. A lower epoch than was asked for: the claim's reply is on its way, or the asker's
  // directory is ahead of us in some other way; the session that is meant is not the one that is here.
  if (actor?.epoch == null || actor.epoch < epoch || actor.state.phase === 'handed_off') {
    return { outcome: 'wrong_owner' };
  }
  if (actor.epoch > epoch) return { outcome: 'fenced', epoch: actor.epoch };
  return carryOut(actor, actor.epoch, question);
}

function carryOut(actor: SessionActor, epoch: number, question: SessionQuestion): Answer {
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
      // Without a target the agent asks the API, which knows every worker's room.
      actor.move('draining', 'an operator moves the session', question.to === null ? undefined : adviceTo(question.to));
      return { outcome: 'done', to: question.to };
  }
}

function adviceTo(target: string) {
  return { target, delayMs: 0 };
}
