import type { BoardSpec } from './board.ts';

export const CLUSTER: BoardSpec = {
  uid: 'culvert-cluster',
  title: 'Culvert: cluster',
  description: 'What runs, how much it carries, and whether it is well.',
  variables: { instance: { label: 'Node', query: 'label_values(culvert_build_info, instance)' } },
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Nodes',
          unit: 'short',
          width: 6,
          description: 'Processes that are scraped, by role.',
          queries: [{ expr: 'sum by (role) (culvert_build_info)', legend: '{{role}}' }],
        },
        {
          kind: 'stat',
          title: 'Sessions',
          unit: 'short',
          width: 3,
          description: 'Agents that are registered with a worker.',
          queries: [{ expr: 'sum(culvert_session_active{state!="offline"})' }],
        },
        {
          kind: 'stat',
          title: 'Connections',
          unit: 'short',
          width: 3,
          description: 'Open connections of browsers, at gateways and workers’ own addresses.',
          queries: [{ expr: 'sum(culvert_connection_active)' }],
        },
        {
          kind: 'stat',
          title: 'Without a path',
          unit: 'short',
          width: 3,
          limit: 1,
          description: 'Connections that wait to be resumed.',
          queries: [{ expr: 'sum(culvert_connection_detached)' }],
        },
        {
          kind: 'stat',
          title: 'Registry',
          unit: 'short',
          width: 3,
          low: true,
          limit: 1,
          description: '1 while every node can ask Redis.',
          queries: [{ expr: 'min(culvert_registry_up)' }],
        },
        {
          kind: 'stat',
          title: 'Probes',
          unit: 'short',
          width: 3,
          low: true,
          limit: 1,
          description: '1 while probes through every node succeed.',
          queries: [{ expr: 'min(max by (culvert_node_id, role) (culvert_probe_up))' }],
        },
        {
          kind: 'stat',
          title: 'Suspect workers',
          unit: 'short',
          width: 3,
          limit: 1,
          description: 'Workers cut off from the registry.',
          queries: [{ expr: 'sum(culvert_worker_suspect)' }],
        },
      ],
    },
    {
      title: 'Load',
      panels: [
        {
          kind: 'timeseries',
          title: 'Sessions of each worker',
          unit: 'short',
          stack: true,
          description: 'A drain shows as sessions that move to others.',
          queries: [
            {
              expr: 'sum by (instance) (culvert_session_active{state!="offline", instance=~"$instance"})',
              legend: '{{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Connections of each node',
          unit: 'short',
          stack: true,
          description: 'At the ends that browsers reach: gateways, and workers’ own addresses.',
          queries: [
            { expr: 'sum by (instance) (culvert_connection_active{instance=~"$instance"})', legend: '{{instance}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Throughput',
          unit: 'Bps',
          description: 'transmit: towards the targets; receive: towards the browsers.',
          queries: [
            {
              expr: 'sum by (network_io_direction) (rate(culvert_connection_io_bytes_total[$__rate_interval]))',
              legend: '{{network_io_direction}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Requests to the API',
          unit: 'ops',
          description: 'By status; event streams are not among them.',
          queries: [
            {
              expr: 'sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count[$__rate_interval]))',
              legend: '{{http_response_status_code}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Health',
      panels: [
        {
          kind: 'timeseries',
          title: 'Age of leases',
          unit: 's',
          limit: 6,
          description: 'A node whose lease is 6 s old is dead to the others.',
          queries: [{ expr: 'culvert_registry_lease_age_seconds{instance=~"$instance"}', legend: '{{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Calls of the registry, 99th percentile',
          unit: 's',
          description: 'By command.',
          queries: [
            {
              expr: 'histogram_quantile(0.99, sum by (le, command) (rate(culvert_registry_call_duration_seconds_bucket[$__rate_interval])))',
              legend: '{{command}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Event loop delay, 99th percentile',
          unit: 's',
          limit: 0.25,
          description: 'A process above a quarter of a second answers late.',
          queries: [{ expr: 'nodejs_eventloop_delay_p99_seconds{instance=~"$instance"}', legend: '{{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'CPU',
          unit: 'percentunit',
          description: 'Of one core.',
          queries: [
            {
              expr: 'sum by (instance) (rate(process_cpu_time_seconds_total{instance=~"$instance"}[$__rate_interval]))',
              legend: '{{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Memory',
          unit: 'bytes',
          description: 'Resident set size.',
          queries: [{ expr: 'process_memory_usage_bytes{instance=~"$instance"}', legend: '{{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Bytes that wait',
          unit: 'bytes',
          description: 'In streams, until the other end has acknowledged or taken them; in links, to leave.',
          queries: [
            { expr: 'sum by (side) (culvert_stream_buffered_bytes)', legend: 'streams, {{side}}' },
            { expr: 'sum(culvert_link_queued_bytes)', legend: 'links' },
          ],
        },
      ],
    },
  ],
};
