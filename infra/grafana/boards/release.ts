import type { BoardSpec } from './board.ts';

export const RELEASE: BoardSpec = {
  uid: 'culvert-release',
  title: 'Culvert: release',
  description: 'A deployment while it runs: what is replaced, what moves, and what customers notice of it.',
  rows: [
    {
      title: 'Deployment',
      panels: [
        {
          kind: 'stat',
          title: 'Under way',
          unit: 'short',
          width: 6,
          description: 'Deployments by state.',
          queries: [{ expr: 'max by (state) (culvert_deployment_active) > 0', legend: '{{state}}' }],
        },
        {
          kind: 'stat',
          title: 'Ended in the last day',
          unit: 'short',
          width: 6,
          description: 'By how they ended.',
          queries: [
            { expr: 'sum by (state) (round(increase(culvert_deployment_finished_total[1d])))', legend: '{{state}}' },
          ],
        },
        {
          kind: 'stat',
          title: 'Still to move',
          unit: 'short',
          width: 6,
          description: 'Sessions that drains have before them.',
          queries: [{ expr: 'sum by (state) (culvert_drain_remaining)', legend: '{{state}}' }],
        },
        {
          kind: 'stat',
          title: 'Oldest connection waited for',
          unit: 's',
          width: 6,
          description: 'Of the drains that run now.',
          queries: [{ expr: 'max(culvert_drain_oldest_busy_age_seconds)' }],
        },
        {
          kind: 'timeseries',
          title: 'Versions',
          unit: 'short',
          stack: true,
          description: 'Nodes of each role and version.',
          queries: [{ expr: 'sum by (role, version) (culvert_build_info)', legend: '{{role}} {{version}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Steps',
          unit: 's',
          description: 'How long the steps of a deployment take, 99th percentile.',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, step) (rate(culvert_deployment_step_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{step}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Drains',
          unit: 'short',
          description: 'Sessions that each worker has still before it.',
          queries: [
            { expr: 'sum by (instance, state) (culvert_drain_remaining) > 0', legend: '{{instance}} {{state}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Ticks',
          unit: 'ops',
          description: 'Of the deploy workers, by outcome.',
          queries: [
            {
              expr: 'sum by (outcome) (rate(culvert_deployment_tick_duration_seconds_count[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What customers notice',
      panels: [
        {
          kind: 'timeseries',
          title: 'Connections that went on, and that did not',
          unit: 'short',
          description: 'Lost is what must stay at none.',
          queries: [
            { expr: 'sum(increase(culvert_connection_resumed_total[$__rate_interval]))', legend: 'went on' },
            { expr: 'sum(increase(culvert_connection_lost_total[$__rate_interval]))', legend: 'lost' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Gaps',
          unit: 's',
          description: 'How long those that went on had no path.',
          queries: [
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(culvert_connection_gap_duration_seconds_bucket[$__rate_interval])))',
              legend: 'median',
            },
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(culvert_connection_gap_duration_seconds_bucket[$__rate_interval])))',
              legend: '99th percentile',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Sessions that moved',
          unit: 'ops',
          description: 'From one worker to another.',
          queries: [
            {
              expr: 'sum by (instance) (rate(culvert_session_opened_total{how="moved"}[$__rate_interval]))',
              legend: 'to {{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Failed connections',
          unit: 'ops',
          description: 'By Culvert’s fault, and lost ones.',
          queries: [
            {
              expr: 'sum by (outcome) (rate(culvert_tenant_connections_total{outcome=~"failed|lost"}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
      ],
    },
  ],
};
