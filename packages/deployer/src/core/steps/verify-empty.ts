import { effectKey } from '../ids.ts';
import type { Effect } from '../types.ts';
import { aliveNode } from '../world.ts';
import { keyOf, type Look, ok, resultOf, type Seen, type StepRule, type Unmet, waiting } from './step.ts';

/** Between the two looks at least, ms. */
export const EMPTY_TWICE_MS = 250;
/** After an order to force, what does not answer is waited for no longer, ms. */
export const FORCED_PATIENCE_MS = 5_000;
const LIMIT_MS = 60_000;

/** Worker, registry and gateways say, twice, that nothing is left; and what it did is in the receipt. */
export const verifyEmpty: StepRule = { limitMs: () => LIMIT_MS, atLimit: 'pause', look };

function look(at: Look): Seen {
  const { unit, nowMs } = at;
  if (isOpenAgain(at)) return afresh(`${at.subject} takes sessions again`);
  const left = whatIsLeft(at);
  const collectKey = keyOf(at, 'collect');
  const isWorker = at.state.request.role === 'worker';
  if (left !== undefined && unit.notes.forced === true && nowMs - unit.enteredAtMs >= FORCED_PATIENCE_MS) {
    const detail = `forced, though ${left.condition}`;
    return { is: 'ended', outcome: 'forced', detail, notes: { verified: true } };
  }
  if (left !== undefined) {
    const effects: Effect[] = unit.notes.forced === true && isWorker ? [forceOf(at)] : [];
    return waiting(left, { effects, notes: { 'step.emptyAtMs': null } });
  }
  const since = unit.notes['step.emptyAtMs'];
  if (typeof since !== 'number' || nowMs - since < EMPTY_TWICE_MS) {
    const unmet = {
      code: 'once_empty',
      condition: `${at.subject} was seen empty once`,
      endsWhen: 'it is seen empty again a moment later',
    };
    return waiting(unmet, { notes: typeof since === 'number' ? {} : { 'step.emptyAtMs': nowMs } });
  }
  const collected = resultOf(at, collectKey);
  if (isWorker && collected === undefined) {
    const unmet = { code: 'collecting', condition: 'its drain report is being read', endsWhen: 'it is in the receipt' };
    return waiting(unmet, { effects: [{ kind: 'collect', key: collectKey, node: at.subject }] });
  }
  const complete = collected === undefined || collected.ok;
  const facts = { tookMs: nowMs - since, ...(isWorker ? { receipt: complete } : {}) };
  const detail = 'seen empty twice, by worker, registry and gateways';
  const note = complete ? detail : `${detail}; its drain report could not be read: ${collected?.detail}`;
  return ok(isWorker ? note : 'seen empty twice', facts, { verified: true });
}

/** Somebody uncordoned it: what is empty now need not be so in a moment. */
export function isOpenAgain({ state, observation, subject }: Look): boolean {
  return state.request.role === 'worker' && aliveNode(observation, subject)?.cordoned === false;
}

/** It is cordoned and drained once more. */
export const afresh = (detail: string): Seen => ({ is: 'ended', outcome: 'failed', detail, goTo: 'cordon' });

const forceOf = (at: Look): Effect => ({
  ...{ kind: 'drain', key: effectKey(at.state, at.unit, 'verify_empty', 'force'), node: at.subject, stage: 'force' },
});

/** What speaks against its being empty; what could not be seen does, too. */
export function whatIsLeft({ state, subject, observation }: Look): Unmet | undefined {
  const endsWhen = 'all of them say that it is empty';
  const not = (condition: string): Unmet => ({ code: 'not_empty', condition: `${subject}: ${condition}`, endsWhen });
  if (state.request.role !== 'worker') {
    const node = aliveNode(observation, subject);
    if (node === undefined) return not('it is not seen in the registry');
    const isEmpty = node.state === 'empty' || (state.request.role === 'deployer' && node.state === 'draining');
    return isEmpty && node.connections === 0
      ? undefined
      : not(`it is ${node.state}, with ${node.connections} connections`);
  }
  const seen = observation.empty[subject];
  if (seen === undefined || seen.worker === null) return not('the worker does not answer');
  const { worker, registry, gateways } = seen;
  if (!worker.ready || worker.sessions + worker.connections + worker.bufferedBytes > 0) {
    return not(
      `the worker has ${worker.sessions} sessions, ${worker.connections} connections, ${worker.bufferedBytes} B`,
    );
  }
  if (registry === null) return not('the registry does not answer');
  if (registry.owned + registry.reserved > 0) {
    return not(`the registry has ${registry.owned} sessions there, and keeps ${registry.reserved} places`);
  }
  if (gateways === null) return not('a gateway does not answer');
  return gateways.streams > 0 ? not(`the gateways have ${gateways.streams} streams to it`) : undefined;
}
