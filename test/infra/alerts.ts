// When each alert is to fire: series as promtool's notation has them (a+bxn: n steps of b from a; a step is 30 s), a time at
// which it must be quiet yet, and one at which it fires.

export interface AlertCase {
  readonly alert: string;
  readonly series: Readonly<Record<string, string>>;
  readonly quiet: string;
  readonly fires: string;
}

const role = (name: string): string => `culvert_build_info{role="${name}",instance="n1",job="culvert"}`;

/** There for four minutes, then gone. */
const nobody = (name: string): AlertCase => ({
  alert: `CulvertNo${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  series: { [role(name)]: '1x7 stale' },
  quiet: '4m',
  fires: '6m',
});

export const ALERT_CASES: readonly AlertCase[] = [
  { alert: 'CulvertNodeDown', series: { 'up{job="culvert",instance="n1"}': '1x4 0x20' }, quiet: '4m', fires: '5m' },
  ...['worker', 'gateway', 'api', 'deployer'].map(nobody),
  { alert: 'CulvertRegistryDown', series: { culvert_registry_up: '1x4 0x20' }, quiet: '2m30s', fires: '3m30s' },
  {
    alert: 'CulvertLeaseOld',
    series: { culvert_registry_lease_age_seconds: '2x4 5x20' },
    quiet: '2m30s',
    fires: '3m30s',
  },
  { alert: 'CulvertWorkerSuspect', series: { culvert_worker_suspect: '0x4 1x20' }, quiet: '3m', fires: '4m' },
  {
    // One deploy worker that gets through is enough.
    alert: 'CulvertProbeFailing',
    series: {
      'culvert_probe_up{culvert_node_id="w1",role="worker",instance="d1"}': '0x30',
      'culvert_probe_up{culvert_node_id="w1",role="worker",instance="d2"}': '1x10 0x20',
    },
    quiet: '5m',
    fires: '7m',
  },
  {
    alert: 'CulvertProbesSilent',
    series: { 'culvert_probe_results_total{check="http",outcome="ok"}': '0+3x10 30x40' },
    quiet: '15m',
    fires: '24m',
  },
  {
    alert: 'CulvertConnectionsLost',
    series: { 'culvert_connection_lost_total{reason="resume_expired"}': '0x10 10x20' },
    quiet: '5m',
    fires: '6m',
  },
  {
    alert: 'CulvertDrainStuck',
    series: {
      'culvert_drain_oldest_busy_age_seconds{instance="w1"}': '3500+30x30',
      'culvert_drain_remaining{instance="w1",state="busy"}': '1x30',
    },
    quiet: '5m',
    fires: '8m',
  },
  {
    alert: 'CulvertDeploymentPaused',
    series: { 'culvert_deployment_active{state="paused"}': '1x40' },
    quiet: '9m',
    fires: '11m',
  },
  {
    alert: 'CulvertDeploymentFailed',
    series: { 'culvert_deployment_finished_total{state="rolled_back",strategy="surge"}': '0x10 1x20' },
    quiet: '5m',
    fires: '6m',
  },
  {
    alert: 'CulvertPlacementRefused',
    series: { 'culvert_placement_refused_total{error_type="no_capacity"}': '0+5x40' },
    quiet: '2m',
    fires: '12m',
  },
  {
    alert: 'CulvertEventLoopSlow',
    series: { nodejs_eventloop_delay_p99_seconds: '0.1x4 0.4x30' },
    quiet: '7m',
    fires: '8m',
  },
  {
    // Half of all fail: hundreds of times what the budget has room for.
    alert: 'CulvertConnectionSuccessBurn',
    series: {
      'culvert_tenant_connections_total{culvert_tenant_id="acme",outcome="opened"}': '0+60x200',
      'culvert_tenant_connections_total{culvert_tenant_id="acme",outcome="failed"}': '0x60 0+60x140',
    },
    quiet: '29m',
    fires: '60m',
  },
];

/** As a file of `promtool test rules`. */
export function promtoolTests(rulesFile: string, cases: readonly AlertCase[]): object {
  // 1 or 0, whatever the labels of the alert are.
  const firing = (alert: string): string =>
    `count(count(ALERTS{alertname="${alert}",alertstate="firing"})) or vector(0)`;
  return {
    rule_files: [rulesFile],
    evaluation_interval: '30s',
    tests: cases.map(({ alert, series, quiet, fires }) => ({
      name: alert,
      interval: '30s',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        { expr: firing(alert), eval_time: quiet, exp_samples: [{ labels: '{}', value: 0 }] },
        { expr: firing(alert), eval_time: fires, exp_samples: [{ labels: '{}', value: 1 }] },
      ],
    })),
  };
}
