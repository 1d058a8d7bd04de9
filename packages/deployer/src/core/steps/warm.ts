import { type Look, ok, type Seen, type StepRule, waiting } from './step.ts';

/** The old node stays for a while, empty: the way back takes one step. */
export const warm: StepRule = { limitMs: ({ request }) => request.keepWarmMs, atLimit: 'go_on', look };

function look({ state, unit, nowMs }: Look): Seen {
  if (state.notes.warmEnded === true) return ok('promoted');
  if (unit.deadlineAtMs !== null && nowMs >= unit.deadlineAtMs) return ok('nobody asked for the way back');
  return waiting({
    code: 'keep_warm',
    condition: `${unit.old.id} is kept as the way back`,
    endsWhen: 'its time is over, or promote ends it',
  });
}
