import { type DrainReport, MAX_DEADLINE_MS } from '@culvert/contracts';
import type { Effect } from '../types.ts';
import { aliveNode } from '../world.ts';
import { holdersOf } from './holders.ts';
import { keyOf, type Look, ok, refused, type Seen, type StepRule, waiting } from './step.ts';
import { afresh } from './verify-empty.ts';

/** For a worker to take an order, ms. */
export const ORDER_LIMIT_MS = 30_000;
/** Idle sessions leave 50 a second; this is for those that do not go when told, ms. */
const IDLE_LIMIT_MS = 30_000;
const IDLE_PER_SECOND = 50;

/** The agents are told; nothing new is taken. */
export const announce: StepRule = {
  limitMs: () => ORDER_LIMIT_MS,
  atLimit: 'pause',
  look: (at) => order(at, 'announce', () => ok('its agents have been told')),
};

/** Sessions without connections leave. */
export const closeIdle: StepRule = {
  limitMs: (_state, { notes }) => IDLE_LIMIT_MS + Math.ceil((Number(notes.sessions ?? 0) / IDLE_PER_SECOND) * 1_000),
  atLimit: 'go_on',
  look: (at) =>
    order(at, 'idle', (report) => {
      if (report.idle === 0) return ok('no idle session is left', { busy: report.busy });
      return waiting({
        code: 'idle_sessions',
        condition: `${report.idle} idle sessions have not left ${at.subject} yet`,
        endsWhen: 'they have gone elsewhere, or are closed',
      });
    }),
};

/** The others are moved, or waited for. */
export const busy: StepRule = { limitMs: ({ request }) => request.deadlineMs, atLimit: 'policy', look: lookBusy };

function lookBusy(at: Look): Seen {
  if (at.state.request.role !== 'worker') return retire(at);
  return order(at, 'busy', (report) => {
    const left = report.idle + report.busy;
    if (left + report.connections + report.direct === 0) return ok('nothing is left on it', counted(report));
    return { is: 'waiting', unmet: holdersOf(at, report), effects: forcing(at) };
  });
}

function order(at: Look, stage: 'announce' | 'idle' | 'busy', then: (report: DrainReport) => Seen): Seen {
  const { subject, observation } = at;
  const key = keyOf(at);
  const no = refused(at, key, `${subject} refused to drain`);
  if (no !== undefined) return no;
  const report = observation.drains[subject];
  const effects: Effect[] = [{ kind: 'drain', key, node: subject, stage }];
  if (report === undefined) {
    const unmet = {
      code: 'no_answer',
      condition: `${subject} does not answer`,
      endsWhen: 'it says how far its drain is',
    };
    return waiting(unmet, { effects });
  }
  const isTaken = report.orders.includes(key);
  // Somebody uncordoned it, which calls a drain off.
  if (isTaken && report.state === 'off') return afresh(`somebody called the drain of ${subject} off`);
  if (isTaken) return then(report);
  const unmet = { code: 'order', condition: `${subject} has not taken the order yet`, endsWhen: 'it has' };
  return waiting(unmet, { effects });
}

/** Only after an explicit word: the command `force`, or the request's `onDeadline`. */
function forcing(at: Look): Effect[] {
  if (at.unit.notes.forced !== true) return [];
  return [{ kind: 'drain', key: keyOf(at, 'force'), node: at.subject, stage: 'force' }];
}

function counted({ sessions }: DrainReport): Record<string, number> {
  const of = (outcome: string) => sessions.filter((session) => session.outcome === outcome).length;
  return { sessions: sessions.length, moved: of('moved'), closedIdle: of('closed_idle'), forced: of('forced') };
}

/** A gateway, an API, a deploy worker: it finishes what it has. */
function retire(at: Look): Seen {
  const { subject, observation, state, unit } = at;
  const key = keyOf(at);
  const no = refused(at, key, `${subject} refused to retire`);
  if (no !== undefined) return no;
  const node = aliveNode(observation, subject);
  const hasBegun = node?.state === 'draining' || node?.state === 'empty';
  if (node !== undefined && hasBegun && node.connections === 0 && unit.notes['step.asked'] === true) {
    return ok('it has finished what it had');
  }
  const effects: Effect[] = [];
  if (!hasBegun || unit.notes['step.asked'] !== true) {
    const deadlineMs = state.request.onDeadline === 'force' ? state.request.deadlineMs : MAX_DEADLINE_MS;
    effects.push({ kind: 'retire', key, node: subject, deadlineMs });
  }
  if (unit.notes.forced === true)
    effects.push({ kind: 'retire', key: keyOf(at, 'force'), node: subject, deadlineMs: 0 });
  const left = node?.connections ?? 0;
  const unmet = {
    code: hasBegun ? 'busy_connections' : 'order',
    condition: hasBegun ? `${subject} still has ${left} connections` : `${subject} has not begun to finish yet`,
    endsWhen: hasBegun ? 'they end, its deadline passes, or it is forced' : 'it has',
    held: left,
  };
  return waiting(unmet, { effects, notes: { 'step.asked': true, [`retired:${subject}`]: true } });
}
