import { judge, type Verdict } from '../analysis.ts';
import { cohortsOf } from '../cohorts.ts';
import { effectKey } from '../ids.ts';
import type { CoreState, Effect, EffectResult, Observation, Unit } from '../types.ts';
import { routeOfUnit } from '../unit.ts';
import { failed, keyOf, type Look, ok, type Seen, type StepRule, waiting } from './step.ts';

/** How long is waited for what is missing to judge by, once the time to watch is over, ms. */
export const PATIENCE_MS = 30_000;
const PROBE_ROUNDS = 2;

/** What is new is watched: does it do no worse than what was? */
export const analyze: StepRule = {
  limitMs: (state, unit) => watchMs(state, unit) + PATIENCE_MS,
  atLimit: 'pause',
  look,
};

function watchMs({ request }: CoreState, unit: Unit): number {
  return routeOfUnit(unit) === 'canary' ? (request.canary?.analyzeMs ?? request.analyzeMs) : request.analyzeMs;
}

function look(at: Look): Seen {
  const { state, unit, observation, nowMs } = at;
  if (watchMs(state, unit) === 0) return ok('it was not asked for');
  if (unit.notes['step.promoted'] === true) return ok('promoted');
  const verdict = verdictOf(state, observation);
  if (verdict.verdict === 'fail') return failed(verdict.because, verdict.facts);
  const effects = probing(at);
  const watchedToMs = (unit.deadlineAtMs ?? nowMs) - PATIENCE_MS;
  if (nowMs < watchedToMs) {
    const endsWhen = `${Math.ceil((watchedToMs - nowMs) / 1_000)} s have passed, or promote ends it`;
    return waiting({ code: 'analyzing', condition: 'the new nodes are watched', endsWhen }, { effects });
  }
  if (verdict.verdict === 'pass') return ok(verdict.because, verdict.facts);
  const condition = `the analysis is inconclusive: ${verdict.because}`;
  return waiting({ code: 'inconclusive', condition, endsWhen: 'there is enough to judge by, or promote' }, { effects });
}

/** By all that has been seen up to now. */
export function verdictOf(state: CoreState, observation: Observation): Verdict {
  const probes = { asked: 0, failed: 0 };
  for (const unit of state.units) {
    for (let round = 0; round < PROBE_ROUNDS; round += 1) {
      const result = observation.results[probeKey(state, unit, round)];
      if (result === undefined) continue;
      const { asked, failed: lost } = counted(result);
      probes.asked += asked;
      probes.failed += lost;
    }
  }
  const { old, new: fresh } = observation.cohorts;
  const seen = probes.asked > 0 ? probes : fresh.probes;
  return judge({ old, new: fresh, probes: seen, expected: cohortsOf(state)?.new.length ?? 0 });
}

function counted({ ok: isOk, facts }: EffectResult): { asked: number; failed: number } {
  if (typeof facts.asked === 'number' && typeof facts.failed === 'number')
    return { asked: facts.asked, failed: facts.failed };
  return { asked: 1, failed: isOk ? 0 : 1 };
}

const probeKey = (state: CoreState, unit: Unit, round: number): string =>
  effectKey(state, unit, 'analyze', `probe-${round}`);

/** Requests of our own make up for little real traffic: one round after the other. */
function probing(at: Look): Effect[] {
  for (let round = 0; round < PROBE_ROUNDS; round += 1) {
    const key = keyOf(at, `probe-${round}`);
    if (at.observation.results[key] === undefined) return [{ kind: 'probe', key, node: at.subject }];
  }
  return [];
}
