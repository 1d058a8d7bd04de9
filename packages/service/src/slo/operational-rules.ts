import type { AlertingRule } from './rule.ts';
import { type Runbook, runbookUrl } from './runbooks.ts';
import { promTime, seriesOf } from './series.ts';

interface Condition {
  readonly alert: string;
  readonly severity: 'page' | 'ticket';
  readonly expr: string;
  readonly forMs: number;
  /** Of docs/OPERATIONS.md, where it says what to do. */
  readonly runbook: Runbook;
  readonly summary: string;
  readonly description: string;
}

const MINUTE = 60_000;

/** What somebody has to know although customers may not notice yet. */
function conditions(): Condition[] {
  return [
    {
      alert: 'CulvertNodeDown',
      severity: 'ticket',
      runbook: 'node-down',
      // Prometheus's own series; a job that is called culvert, or culvert-something.
      expr: 'up{job=~"culvert.*"} == 0',
      forMs: 2 * MINUTE,
      summary: 'A node does not answer on its admin address.',
      description: '{{ $labels.instance }} cannot be scraped. If it was replaced, take it out of the targets.',
    },
    nobody('worker', 'page', 'No agent can be served.'),
    nobody('gateway', 'page', 'No browser gets in by a gateway.'),
    nobody('api', 'page', 'No agent can open a session, and nobody can look or change anything.'),
    nobody('deployer', 'ticket', 'Deployments wait where they are, and nothing probes the cluster.'),
    {
      alert: 'CulvertRegistryDown',
      severity: 'page',
      runbook: 'registry-away',
      expr: `${seriesOf('culvert.registry.up')} == 0`,
      forMs: MINUTE / 2,
      summary: 'A node cannot use the registry (Redis).',
      description: 'What is established goes on; new sessions wait. {{ $labels.instance }}: see `culvert doctor`.',
    },
    {
      alert: 'CulvertLeaseOld',
      severity: 'ticket',
      runbook: 'registry-away',
      expr: `${seriesOf('culvert.registry.lease.age')} > 4`,
      forMs: MINUTE / 2,
      summary: 'A node renews its lease late.',
      description: 'The lease of {{ $labels.instance }} is {{ $value | printf "%.1f" }} s old; it ends at 6.',
    },
    {
      alert: 'CulvertWorkerSuspect',
      severity: 'page',
      runbook: 'registry-away',
      expr: `${seriesOf('culvert.worker.suspect')} == 1`,
      forMs: MINUTE,
      summary: 'A worker is cut off from the registry.',
      description: '{{ $labels.instance }} takes no new sessions and connections until it has checked its own.',
    },
    {
      alert: 'CulvertProbeFailing',
      severity: 'page',
      runbook: 'probes-fail',
      expr: `max by (culvert_node_id, role) (${seriesOf('culvert.probe.up')}) == 0`,
      forMs: MINUTE,
      summary: 'Probes through a node fail.',
      description:
        'No deploy worker gets through {{ $labels.role }} {{ $labels.culvert_node_id }}: see `culvert probes`.',
    },
    {
      alert: 'CulvertProbesSilent',
      severity: 'ticket',
      runbook: 'probes-fail',
      expr: `sum(increase(${seriesOf('culvert.probe.results')}[15m])) == 0`,
      forMs: 0,
      summary: 'Nothing probes the cluster.',
      description: 'Probes ran before, and no deploy worker has run one for 15 minutes.',
    },
    {
      alert: 'CulvertConnectionsLost',
      severity: 'ticket',
      runbook: 'connections-lost',
      expr: `sum by (reason) (increase(${seriesOf('culvert.connection.lost')}[10m])) > 5`,
      forMs: 0,
      summary: 'Connections break off.',
      description: '{{ $value | printf "%.0f" }} connections could not go on within 10 minutes: {{ $labels.reason }}.',
    },
    ...ofDeployments(),
    {
      alert: 'CulvertPlacementRefused',
      severity: 'ticket',
      runbook: 'no-place-for-agents',
      expr: `sum by (error_type) (increase(${seriesOf('culvert.placement.refused')}[10m])) > 10`,
      forMs: 5 * MINUTE,
      summary: 'Agents find no worker.',
      description: 'Sessions are refused or told to come back later: {{ $labels.error_type }}. Add workers.',
    },
    {
      alert: 'CulvertEventLoopSlow',
      severity: 'ticket',
      runbook: 'slow-event-loop',
      expr: `${seriesOf('nodejs.eventloop.delay.p99')} > 0.25`,
      forMs: 5 * MINUTE,
      summary: 'A process is too busy to answer in time.',
      description: 'Event loop delay of {{ $labels.instance }}: {{ $value | printf "%.2f" }} s. Add nodes of its role.',
    },
  ];
}

function nobody(role: string, severity: Condition['severity'], consequence: string): Condition {
  return {
    alert: `CulvertNo${role.charAt(0).toUpperCase()}${role.slice(1)}`,
    severity,
    runbook: 'no-node-of-a-role',
    expr: `absent(${seriesOf('culvert.build.info')}{role="${role}"})`,
    forMs: MINUTE,
    summary: `No ${role} is there.`,
    description: `${consequence} Look at the nodes with \`culvert nodes ls\`.`,
  };
}

function ofDeployments(): Condition[] {
  const remaining = `sum by (instance) (${seriesOf('culvert.drain.remaining')}) > 0`;
  return [
    {
      alert: 'CulvertDrainStuck',
      severity: 'ticket',
      runbook: 'drain-stuck',
      expr: `max by (instance) (${seriesOf('culvert.drain.oldest_busy.age')}) > 3600 and ${remaining}`,
      forMs: 5 * MINUTE,
      summary: 'A drain waits for old connections.',
      description:
        '{{ $labels.instance }} waits for one that is {{ $value | humanizeDuration }} old: `culvert deploy why`.',
    },
    {
      alert: 'CulvertDeploymentPaused',
      severity: 'ticket',
      runbook: 'deployment-stopped',
      expr: `max(${seriesOf('culvert.deployment.active')}{state="paused"}) > 0`,
      forMs: 10 * MINUTE,
      summary: 'A deployment is paused.',
      description: 'It waits for a person: `culvert deploy why` says what for.',
    },
    {
      alert: 'CulvertDeploymentFailed',
      severity: 'page',
      runbook: 'deployment-stopped',
      expr: `sum by (state) (increase(${seriesOf('culvert.deployment.finished')}{state=~"failed|rolled_back"}[1h])) > 0`,
      forMs: 0,
      summary: 'A deployment did not succeed.',
      description: 'One ended as {{ $labels.state }} within the last hour: `culvert deploy ls`.',
    },
  ];
}

/** `forMs`: instead of each condition's own time. */
export function operationalRules(forMs?: number): AlertingRule[] {
  return conditions().map(({ alert, severity, expr, summary, description, runbook, ...condition }) => ({
    alert,
    expr,
    for: promTime(forMs ?? condition.forMs),
    labels: { severity },
    annotations: { summary, description, runbook_url: runbookUrl(runbook) },
  }));
}
