import { failed, keyOf, type Look, ok, resultOf, type Seen, type StepRule, waiting } from './step.ts';

const LIMIT_MS = 90_000;

/** A rehearsal: what was sent away comes back. */
export const sendBack: StepRule = { limitMs: () => LIMIT_MS, atLimit: 'fail', look };

function look(at: Look): Seen {
  const key = keyOf(at);
  const result = resultOf(at, key);
  if (result?.ok === true) return ok(result.detail, result.facts);
  if (result !== undefined) return failed(`the sessions did not come back: ${result.detail}`, result.facts);
  const unmet = {
    code: 'returning',
    condition: `the sessions are coming back to ${at.subject}`,
    endsWhen: 'they have arrived',
  };
  return waiting(unmet, { effects: [{ kind: 'return', key, node: at.subject }] });
}
