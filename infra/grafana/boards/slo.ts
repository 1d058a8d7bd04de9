import type { BoardSpec } from './board.ts';

export const SLO: BoardSpec = {
  uid: 'culvert-slo',
  title: 'Culvert: service levels',
  description: 'What is promised, what was reached, and how fast the error budget goes (docs/SLO.md).',
  rows: [
    {
      title: 'In the objectives’ window',
      panels: [
        {
          kind: 'stat',
          title: 'Promised',
          unit: 'percentunit',
          width: 8,
          description: 'What each objective asks for.',
          queries: [{ expr: 'max by (slo) (culvert_slo_objective_ratio)', legend: '{{slo}}' }],
        },
        {
          kind: 'stat',
          title: 'Reached',
          unit: 'percentunit',
          width: 8,
          description: 'By customers’ own connections.',
          queries: [{ expr: 'min by (slo) (culvert_slo_attainment_ratio{source="real"})', legend: '{{slo}}' }],
        },
        {
          kind: 'stat',
          title: 'Budget left',
          unit: 'percentunit',
          width: 8,
          min: -1,
          max: 1,
          low: true,
          limit: 0.1,
          description: 'Share of the error budget; below none, the promise is broken.',
          queries: [{ expr: 'min by (slo) (culvert_slo_budget_remaining_ratio{source="real"})', legend: '{{slo}}' }],
        },
      ],
    },
    {
      title: 'Burn rates',
      panels: [
        {
          kind: 'timeseries',
          title: 'Burn rate over 5 minutes',
          unit: 'none',
          limit: 14.4,
          description: 'At 14.4 an hour takes two hundredths of 30 days’ budget: somebody is paged.',
          queries: [
            { expr: 'max by (slo, source) (culvert_slo_burn_rate_ratio{window="5m"})', legend: '{{slo}}, {{source}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Burn rate over 6 hours',
          unit: 'none',
          limit: 6,
          description: 'At 1 the budget lasts exactly as long as the window.',
          queries: [
            { expr: 'max by (slo, source) (culvert_slo_burn_rate_ratio{window="6h"})', legend: '{{slo}}, {{source}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Budget left',
          unit: 'percentunit',
          min: -1,
          max: 1,
          description: 'real: customers; synthetic: probes.',
          queries: [
            { expr: 'min by (slo, source) (culvert_slo_budget_remaining_ratio)', legend: '{{slo}}, {{source}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Probes',
          unit: 'ops',
          description: 'Synthetic use of the cluster, by outcome.',
          queries: [
            {
              expr: 'sum by (check, outcome) (rate(culvert_probe_results_total[$__rate_interval]))',
              legend: '{{check}} {{outcome}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Probes',
      panels: [
        {
          kind: 'timeseries',
          title: 'Probes by node',
          unit: 'short',
          max: 1,
          description: '0 after two rounds that failed.',
          queries: [
            { expr: 'max by (culvert_node_id, role) (culvert_probe_up)', legend: '{{role}} {{culvert_node_id}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'How long probes take',
          unit: 's',
          description: '99th percentile of those that succeeded.',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, check) (rate(culvert_probe_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{check}}',
            },
          ],
        },
      ],
    },
  ],
};
