import type { DeploymentReason, DeploymentState } from '@culvert/contracts';
import type { CoreState, Effect, Observation, Unit } from './types.ts';

const MAX_LOG = 200;
type Notes = CoreState['notes'];

/** What one call of `next` brings together: the state as it becomes, and all that goes with it. */
export class Tick {
  state: CoreState;
  readonly observation: Observation;
  readonly nowMs: number;
  readonly effects: Effect[] = [];
  readonly events: (Readonly<Record<string, string>> & { readonly type: string })[] = [];
  readonly taken: string[] = [];
  readonly unmet: DeploymentReason[] = [];

  constructor(state: CoreState, observation: Observation, nowMs: number) {
    this.state = state;
    this.observation = observation;
    this.nowMs = nowMs;
  }

  get units(): readonly Unit[] {
    return this.state.units;
  }

  unit(oldId: string): Unit | undefined {
    return this.units.find(({ old }) => old.id === oldId);
  }

  put(unit: Unit): void {
    this.state = { ...this.state, units: this.units.map((one) => (one.old.id === unit.old.id ? unit : one)) };
  }

  /** null removes a note. */
  note(more: Readonly<Record<string, Notes[string] | null>>): void {
    const notes: Record<string, Notes[string]> = { ...this.state.notes };
    for (const [name, value] of Object.entries(more)) {
      if (value === null) delete notes[name];
      else notes[name] = value;
    }
    this.state = { ...this.state, notes };
  }

  log(kind: 'state' | 'step' | 'command' | 'effect' | 'warning', node: string | null, message: string): void {
    const entry = { atMs: this.nowMs, kind, node, message };
    this.state = { ...this.state, log: [...this.state.log, entry].slice(-MAX_LOG) };
  }

  event(type: string, fields: Readonly<Record<string, string>>): void {
    this.events.push({ type, deployment: this.state.id, ...fields });
  }

  /** Into another state, or another reason for the same one. */
  become(state: DeploymentState, reason: string | null): void {
    const before = this.state;
    if (before.state === state && before.reason === reason) return;
    this.state = { ...before, state, reason, ...(before.state === state ? {} : { enteredAtMs: this.nowMs }) };
    if (before.state === state && reason === null) return;
    this.log('state', null, reason === null ? state : `${state}: ${reason}`);
    this.event('deployment.state', { state, reason: reason ?? '' });
  }

  pause(reason: string): void {
    if (this.state.state === 'paused') return;
    this.state = { ...this.state, resumeTo: this.state.state };
    this.become('paused', reason);
  }
}
