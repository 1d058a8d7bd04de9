import type { Duration } from './duration.ts';
import type { Tags } from './tags.ts';
import type { ThresholdSpecs } from './thresholds.ts';

export interface Stage {
  readonly duration: Duration;
  /** Reached at its end, in a straight line: VUs, or iterations per `timeUnit`. */
  readonly target: number;
}

interface AnyScenario {
  /** From the start of the run; default 0s. */
  readonly startTime?: Duration;
  /** How long iterations may go on after the end, before they are interrupted; default 30s. */
  readonly gracefulStop?: Duration;
  /** Name of the exported function; default `default`. */
  readonly exec?: string;
  /** On every sample of the scenario. */
  readonly tags?: Tags;
}

interface ArrivalRate {
  /** The rates are per this; default 1s. */
  readonly timeUnit?: Duration;
  /** VUs that are there from the start. */
  readonly preAllocatedVUs: number;
  /** VUs at most: an iteration for which none is free is dropped, and counted. Default: preAllocatedVUs. */
  readonly maxVUs?: number;
}

/** A workload, with the executors, options and defaults of k6. */
export type Scenario = AnyScenario &
  (
    | { readonly executor: 'constant-vus'; readonly vus?: number; readonly duration: Duration }
    | {
        readonly executor: 'ramping-vus';
        readonly startVUs?: number;
        readonly stages: readonly Stage[];
        /** How long the iteration of a VU that is no longer wanted may go on; default 30s. */
        readonly gracefulRampDown?: Duration;
      }
    | (ArrivalRate & { readonly executor: 'constant-arrival-rate'; readonly rate: number; readonly duration: Duration })
    | (ArrivalRate & {
        readonly executor: 'ramping-arrival-rate';
        readonly startRate?: number;
        readonly stages: readonly Stage[];
      })
    | {
        readonly executor: 'per-vu-iterations' | 'shared-iterations';
        readonly vus?: number;
        /** Of each VU, or of all together; default 1. */
        readonly iterations?: number;
        /** Default 10m. */
        readonly maxDuration?: Duration;
      }
  );

/** What a script exports as `options`. */
export interface LoadOptions {
  readonly scenarios?: Readonly<Record<string, Scenario>>;
  /** Short for one scenario `default`: `vus` with `duration`, `iterations`, or `stages`. */
  readonly vus?: number;
  readonly duration?: Duration;
  readonly iterations?: number;
  readonly stages?: readonly Stage[];
  readonly thresholds?: ThresholdSpecs;
  /** Real agents, each with a session, behind which the private app is; default 3. */
  readonly agents?: number;
  /** Processes that the agents and the private app are spread over; default 1. */
  readonly agentProcesses?: number;
  /** Look at memory, event loop and file descriptors of every node all along, every so often; default: no. */
  readonly watchNodes?: Duration;
}

/** How a run differs from what its script says: factors. */
export interface Scale {
  /** Of numbers of VUs. */
  readonly vus: number;
  /** Of arrival rates. */
  readonly rate: number;
  /** Of every duration and start time. */
  readonly time: number;
}

export const UNSCALED: Scale = { vus: 1, rate: 1, time: 1 };
