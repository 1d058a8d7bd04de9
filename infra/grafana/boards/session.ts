import type { BoardSpec } from './board.ts';

export const SESSION: BoardSpec = {
  uid: 'culvert-session',
  title: 'Culvert: sessions and connections',
  description: 'What agents and browsers get. One session is followed in its traces and logs: metrics know no ids.',
  variables: {
    tenant: { label: 'Tenant', query: 'label_values(culvert_tenant_connections_total, culvert_tenant_id)' },
  },
  rows: [
    {
      title: 'Sessions',
      panels: [
        {
          kind: 'timeseries',
          title: 'Sessions by state',
          unit: 'short',
          stack: true,
          description: 'busy: with open connections.',
          queries: [{ expr: 'sum by (state) (culvert_session_active)', legend: '{{state}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Opened',
          unit: 'ops',
          description: 'new, returned after an agent’s link broke, or moved from another worker.',
          queries: [{ expr: 'sum by (how) (rate(culvert_session_opened_total[$__rate_interval]))', legend: '{{how}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Closed, by reason',
          unit: 'ops',
          description: 'Reasons are codes of docs/ERRORS.md.',
          queries: [
            { expr: 'sum by (reason) (rate(culvert_session_closed_total[$__rate_interval]))', legend: '{{reason}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Agents that found no place',
          unit: 'ops',
          description: 'Refused by the API, or told to come back later.',
          queries: [
            {
              expr: 'sum by (error_type) (rate(culvert_placement_refused_total[$__rate_interval]))',
              legend: '{{error_type}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Connections',
      panels: [
        {
          kind: 'timeseries',
          title: 'What became of tenants’ connections',
          unit: 'ops',
          description: 'As the availability report counts them.',
          queries: [
            {
              expr: 'sum by (outcome) (rate(culvert_tenant_connections_total{culvert_tenant_id=~"$tenant"}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Tenants with most connections',
          unit: 'ops',
          description: 'Opened, the first ten.',
          queries: [
            {
              expr: 'topk(10, sum by (culvert_tenant_id) (rate(culvert_tenant_connections_total{outcome="opened", culvert_tenant_id=~"$tenant"}[$__rate_interval])))',
              legend: '{{culvert_tenant_id}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Until a connection is open',
          unit: 's',
          description: 'From the request to an open connection to the target.',
          queries: [
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(culvert_connection_setup_duration_seconds_bucket[$__rate_interval])))',
              legend: 'median',
            },
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(culvert_connection_setup_duration_seconds_bucket[$__rate_interval])))',
              legend: '99th percentile',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Refused, by reason',
          unit: 'ops',
          description: 'Answered with an error of Culvert’s own.',
          queries: [
            {
              expr: 'sum by (error_type) (rate(culvert_connection_refused_total[$__rate_interval]))',
              legend: '{{error_type}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Lost, by reason',
          unit: 'short',
          limit: 1,
          description: 'Connections that lost their path and could not go on.',
          queries: [
            {
              expr: 'sum by (reason) (increase(culvert_connection_lost_total[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Gaps',
          unit: 's',
          description: 'How long connections that went on had no path.',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(culvert_connection_gap_duration_seconds_bucket[$__rate_interval])))',
              legend: '99th percentile',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Round trip of links',
          unit: 's',
          description: 'Of heartbeats, as the side that dialed measures it.',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, peer) (rate(culvert_link_rtt_seconds_bucket[$__rate_interval])))',
              legend: 'to {{peer}}, 99th percentile',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Links',
          unit: 'short',
          description: 'That are up, by who is at the other end.',
          queries: [{ expr: 'sum by (peer) (culvert_link_active)', legend: '{{peer}}' }],
        },
      ],
    },
  ],
};
