import { CulvertError } from '@culvert/base';
import { parseDuration } from './duration.ts';
import { startRamp, type TimedStage } from './executors/ramp.ts';
import type { LoadOptions, Scale, Scenario, Stage } from './options.ts';
import type { Tags } from './tags.ts';

const GRACE_MS = 30_000;
const MAX_ITERATIONS_MS = 600_000;

/** What an executor has to do, all defaults filled in; times in ms, rates per ms. */
export type Workload =
  | {
      readonly kind: 'vus';
      readonly start: number;
      readonly stages: readonly TimedStage[];
      readonly rampDownMs: number;
    }
  | {
      readonly kind: 'arrivals';
      readonly perMs: number | null;
      readonly start: number;
      readonly stages: readonly TimedStage[];
      readonly vus: number;
      readonly maxVus: number;
    }
  | { readonly kind: 'iterations'; readonly vus: number; readonly iterations: number; readonly shared: boolean };

export interface ResolvedScenario {
  readonly name: string;
  readonly executor: Scenario['executor'];
  readonly exec: string;
  readonly tags: Tags;
  readonly startMs: number;
  /** No iteration starts after this, from the scenario's start. */
  readonly durationMs: number;
  readonly graceMs: number;
  readonly workload: Workload;
}

/** The scenarios of a script, checked and scaled. Throws `config_invalid`, naming the scenario. */
export function resolveScenarios(options: LoadOptions, scale: Scale): ResolvedScenario[] {
  const given = Object.entries(options.scenarios ?? { default: shortForm(options) });
  if (given.length === 0) throw new CulvertError('config_invalid', 'there is no scenario');
  return given.map(([name, scenario]) => resolve(name, scenario, scale));
}

/** When the last scenario has ended at the latest, ms from the start of the run. */
export function longest(scenarios: readonly ResolvedScenario[], withGrace: boolean): number {
  return Math.max(...scenarios.map((one) => one.startMs + one.durationMs + (withGrace ? one.graceMs : 0)));
}

/** VUs that may be there at once. */
export function mostVus({ workload }: ResolvedScenario): number {
  if (workload.kind === 'arrivals') return workload.maxVus;
  return workload.kind === 'iterations'
    ? workload.vus
    : Math.max(workload.start, ...workload.stages.map((s) => s.target));
}

/** The highest rate of arrivals, 1/s; 0: VUs set the pace. */
export function highestRate({ workload }: ResolvedScenario): number {
  if (workload.kind !== 'arrivals') return 0;
  return 1_000 * (workload.perMs ?? Math.max(workload.start, ...workload.stages.map((stage) => stage.target)));
}

function shortForm({ vus = 1, duration, iterations, stages }: LoadOptions): Scenario {
  if (stages) return { executor: 'ramping-vus', startVUs: vus, stages };
  if (iterations !== undefined) {
    return {
      executor: 'shared-iterations',
      vus,
      iterations,
      ...(duration === undefined ? {} : { maxDuration: duration }),
    };
  }
  if (duration !== undefined) return { executor: 'constant-vus', vus, duration };
  return { executor: 'shared-iterations', vus, iterations: 1 };
}

function resolve(name: string, scenario: Scenario, scale: Scale): ResolvedScenario {
  const ms = (value: string | number, what: string): number => parseDuration(value, `${name}.${what}`) * scale.time;
  return {
    name,
    executor: scenario.executor,
    exec: scenario.exec ?? 'default',
    tags: { ...scenario.tags, scenario: name },
    startMs: ms(scenario.startTime ?? 0, 'startTime'),
    durationMs: durationOf(name, scenario, scale),
    // Not scaled: what is under way takes as long as it takes.
    graceMs: parseDuration(scenario.gracefulStop ?? GRACE_MS, `${name}.gracefulStop`),
    workload: workloadOf(name, scenario, scale),
  };
}

function durationOf(name: string, scenario: Scenario, scale: Scale): number {
  const ms = (value: string | number): number => parseDuration(value, name) * scale.time;
  if ('stages' in scenario) return scenario.stages.reduce((sum, { duration }) => sum + ms(duration), 0);
  if ('duration' in scenario) return ms(scenario.duration);
  return ms('maxDuration' in scenario && scenario.maxDuration !== undefined ? scenario.maxDuration : MAX_ITERATIONS_MS);
}

function workloadOf(name: string, scenario: Scenario, scale: Scale): Workload {
  const vus = (count: number, what: string): number => {
    whole(`${name}.${what}`, count);
    return count === 0 ? 0 : Math.max(1, Math.round(count * scale.vus));
  };
  const stagesOf = (stages: readonly Stage[], target: (value: number) => number): TimedStage[] =>
    stages.map((stage) => ({
      durationMs: parseDuration(stage.duration, name) * scale.time,
      target: target(stage.target),
    }));
  switch (scenario.executor) {
    case 'constant-vus':
      return {
        kind: 'vus',
        ...startRamp(vus(scenario.vus ?? 1, 'vus'), durationOf(name, scenario, scale)),
        rampDownMs: GRACE_MS,
      };
    case 'ramping-vus':
      return {
        kind: 'vus',
        start: vus(scenario.startVUs ?? 1, 'startVUs'),
        stages: stagesOf(scenario.stages, (target) => vus(target, 'stages.target')),
        rampDownMs: parseDuration(scenario.gracefulRampDown ?? GRACE_MS, `${name}.gracefulRampDown`),
      };
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate': {
      const unitMs = parseDuration(scenario.timeUnit ?? 1_000, `${name}.timeUnit`);
      if (unitMs === 0) throw new CulvertError('config_invalid', `${name}.timeUnit is 0`);
      const rate = (value: number): number => (positive(`${name}: a rate`, value) * scale.rate) / unitMs;
      const constant = scenario.executor === 'constant-arrival-rate';
      return {
        kind: 'arrivals',
        perMs: constant ? rate(scenario.rate) : null,
        start: constant ? 0 : rate(scenario.startRate ?? 0),
        stages: constant ? [] : stagesOf(scenario.stages, rate),
        vus: vus(scenario.preAllocatedVUs, 'preAllocatedVUs'),
        maxVus: vus(scenario.maxVUs ?? scenario.preAllocatedVUs, 'maxVUs'),
      };
    }
    case 'per-vu-iterations':
    case 'shared-iterations': {
      const iterations = whole(`${name}.iterations`, scenario.iterations ?? 1);
      const shared = scenario.executor === 'shared-iterations';
      return { kind: 'iterations', vus: vus(scenario.vus ?? 1, 'vus'), iterations, shared };
    }
    default: {
      const { executor }: { executor: string } = scenario;
      throw new CulvertError('config_invalid', `${name}: there is no executor ${executor}`);
    }
  }
}

function whole(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new CulvertError('config_invalid', `${what} must be a whole number, not ${value}`);
}

function positive(what: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new CulvertError('config_invalid', `${what} must be 0 or more, not ${value}`);
}
