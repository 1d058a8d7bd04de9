import type { Objectives, StatusReport, StatusState } from '@culvert/contracts';
import type { SliPoint } from '@culvert/registry';
import type { CountsBySource } from '@culvert/service';
import { dayOf } from './days.ts';
import { incidentsOf } from './incidents.ts';
import { agree, isDoubted, nodeSignals, type ReadyNodes, type Signal, trafficSignals, worst } from './signals.ts';

/** Maintenance, told neutrally. */
export interface Maintenance {
  readonly atMs: number;
  readonly state: 'running' | 'done' | 'taken_back' | 'stopped';
}

export interface StatusInput {
  readonly atMs: number;
  readonly objectives: Objectives;
  /** Over an hour, and over its last five minutes; null: the registry cannot be read. */
  readonly lately: { readonly long: CountsBySource; readonly short: CountsBySource } | null;
  /** null: not known. */
  readonly nodes: ReadyNodes | null;
  readonly days: readonly SliPoint[];
  /** Those in which something may have happened. */
  readonly minutes: readonly SliPoint[];
  readonly maintenance: readonly Maintenance[];
}

type Component = StatusReport['components'][number];

const MAX_NOTES = 20;

/** What customers are told. Made of counts and numbers only: no name of a node, a tenant or an address comes this way. */
export function makeStatus(input: StatusInput): StatusReport {
  const { atMs, objectives, days, minutes, maintenance } = input;
  const components = componentsOf(input);
  // Probes are a second opinion about the others, not something that a customer uses.
  const state = worst(components.filter(({ name }) => name !== 'probes').map((component) => component.state));
  return {
    at: new Date(atMs).toISOString(),
    state,
    summary: state === 'operational' && components.some(({ detail }) => detail === DOUBTED) ? MOSTLY : SUMMARY[state],
    components,
    days: days.map((day) => dayOf(day, objectives)),
    incidents: incidentsOf(minutes, objectives, atMs),
    notes: maintenance
      .slice(0, MAX_NOTES)
      .map((one) => ({ at: new Date(one.atMs).toISOString(), text: NOTE[one.state] })),
  };
}

const SUMMARY: Readonly<Record<StatusState, string>> = {
  operational: 'Everything works.',
  degraded: 'Some things work worse than promised.',
  outage: 'Something important does not work.',
  unknown: 'There is not enough to go by at the moment.',
};

const DOUBTED = 'Works; some may see more errors than promised.';
const MOSTLY = 'Everything works, but some customers may see more errors than promised.';

const NOTE: Readonly<Record<Maintenance['state'], string>> = {
  running: 'An update is being rolled out.',
  done: 'An update was rolled out.',
  taken_back: 'An update was taken back.',
  stopped: 'An update was stopped.',
};

function componentsOf({ lately, nodes, objectives }: StatusInput): Component[] {
  const none = { connections: 'unknown', sessions: 'unknown' } as const;
  const signals = (source: 'real' | 'synthetic') =>
    lately === null ? none : trafficSignals(lately.long, lately.short, source, objectives);
  const [real, probes, node] = [signals('real'), signals('synthetic'), nodeSignals(nodes)];
  const api: StatusState = lately === null ? 'degraded' : 'operational';
  return [
    component('connections', [real.connections, probes.connections, node.connections]),
    component('sessions', [real.sessions, probes.connections, node.sessions]),
    { name: 'api', state: api, detail: lately === null ? 'New sessions may have to wait.' : DETAIL.operational },
    component('probes', [probes.connections]),
  ];
}

const DETAIL: Readonly<Record<StatusState, string>> = {
  operational: 'Works.',
  degraded: 'Fails more often than promised.',
  outage: 'Fails for most.',
  unknown: 'Not measured at the moment.',
};

function component(name: Component['name'], signals: readonly Signal[]): Component {
  const state = name === 'probes' ? worst(signals) : agree(signals);
  return { name, state, detail: isDoubted(signals) ? DOUBTED : DETAIL[state] };
}
