import { versionOf } from './prepare.ts';
import { failed, keyOf, type Look, ok, resultOf, type Seen, type StepRule, waiting } from './step.ts';

/** Three attempts of its probes, ms. */
export const VERIFY_LIMIT_MS = 120_000;

/** Real requests go through the new node, while nobody else's do. */
export const verify: StepRule = { limitMs: () => VERIFY_LIMIT_MS, atLimit: 'fail', look };

function look(at: Look): Seen {
  const key = keyOf(at);
  const result = resultOf(at, key);
  if (result?.ok === true) return ok(result.detail, result.facts);
  if (result !== undefined) return failed(`${at.subject} failed its probes: ${result.detail}`, result.facts);
  const unmet = {
    code: 'verifying',
    condition: `requests through ${at.subject} are being tried`,
    endsWhen: 'all of them have succeeded, or one has failed',
  };
  return waiting(unmet, { effects: [{ kind: 'verify', key, node: at.subject, version: versionOf(at) }] });
}
