import type { MetricDefinition, MetricRole } from './metric.ts';

const EVERY_NODE: readonly MetricRole[] = ['api', 'gateway', 'worker', 'deployer'];
const EDGE: readonly MetricRole[] = ['gateway', 'worker'];

/** Seconds: from a connection on one machine to the open deadline. */
const SETUP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 35];
/** Seconds: from a move on one machine to the resume window. */
const GAP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 15, 30, 60];
/** Seconds: from one request to a working day. */
const LIFE_BUCKETS = [0.01, 0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 28_800];
/** Seconds: from Redis beside us to its deadline. */
const CALL_BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const RTT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Seconds: from a cordon to a drain that waits for people. */
const STEP_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];

const KIND = 'kind of connection: connect, http, websocket';
const PEER = 'who is at the other end: agent, gateway, proxy (a local proxy), worker';
const CODE = 'an error code of docs/ERRORS.md';
const TENANT = 'id of a tenant; those beyond the first 200 of a process count as ~other';

/**
 * Every metric of Culvert, by its OpenTelemetry name; docs/METRICS.md is made from it. In Prometheus' text, dots are
 * underscores, and the unit and `_total` are appended, as the OpenTelemetry specification says.
 */
export const METRICS = {
  'culvert.build.info': {
    kind: 'gauge',
    unit: '',
    description: 'Always 1; the attributes say what runs.',
    attributes: { role: 'role of the process', version: 'its version', node_id: 'id of the node' },
    roles: EVERY_NODE,
  },
  'process.uptime': { kind: 'gauge', unit: 's', description: 'Time since the process started.', roles: EVERY_NODE },
  'process.memory.usage': { kind: 'gauge', unit: 'By', description: 'Resident set size.', roles: EVERY_NODE },
  'process.cpu.time': {
    kind: 'observable-counter',
    unit: 's',
    description: 'CPU time of the process.',
    attributes: { 'cpu.mode': 'user, system' },
    roles: EVERY_NODE,
  },
  'v8js.memory.heap.used': { kind: 'gauge', unit: 'By', description: 'JavaScript heap in use.', roles: EVERY_NODE },
  'process.unix.file_descriptors': {
    kind: 'gauge',
    unit: '{file_descriptor}',
    description: 'Open file descriptors, those of sockets included; on Linux only.',
    roles: EVERY_NODE,
  },
  'nodejs.eventloop.delay.p99': {
    kind: 'gauge',
    unit: 's',
    description: 'Event loop delay, 99th percentile since the last scrape.',
    roles: EVERY_NODE,
  },
  'nodejs.eventloop.utilization': {
    kind: 'gauge',
    unit: '1',
    description: 'Share of the time since the last scrape in which the event loop was busy.',
    roles: EVERY_NODE,
  },

  'culvert.telemetry.spans.lost': {
    kind: 'counter',
    unit: '{span}',
    description: 'Spans that are missing where traces are looked at.',
    attributes: { reason: 'held_too_long: gave way before it was known whether they matter; export_failed' },
    roles: EVERY_NODE,
  },

  'culvert.connection.active': {
    kind: 'up-down-counter',
    unit: '{connection}',
    description: 'Connections open now.',
    attributes: { kind: KIND },
    roles: EDGE,
  },
  'culvert.connection.detached': {
    kind: 'gauge',
    unit: '{connection}',
    description: 'Open connections that have no path now and wait to be resumed.',
    roles: EDGE,
  },
  'culvert.connection.opened': {
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections opened.',
    attributes: { kind: KIND },
    roles: EDGE,
  },
  'culvert.connection.closed': {
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections closed, by reason.',
    attributes: { kind: KIND, reason: `end, or ${CODE}`, by: 'browser, target, culvert: who ended it' },
    roles: EDGE,
  },
  'culvert.connection.refused': {
    kind: 'counter',
    unit: '{request}',
    description: 'Requests that were answered with an error of Culvert’s own.',
    attributes: { 'error.type': CODE },
    roles: EDGE,
  },
  'culvert.connection.setup.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'From the request to an open connection to the target.',
    attributes: { kind: KIND },
    roles: EDGE,
    buckets: SETUP_BUCKETS,
  },
  'culvert.connection.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'How long connections were open, of those that have ended.',
    attributes: { kind: KIND },
    roles: EDGE,
    buckets: LIFE_BUCKETS,
  },
  'culvert.connection.io': {
    kind: 'observable-counter',
    unit: 'By',
    description: 'Bytes that connections carried; transmit: towards the target.',
    attributes: { 'network.io.direction': 'transmit, receive' },
    roles: EDGE,
  },
  'culvert.connection.resume.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    description: 'Times that a worker was asked to go on with a connection.',
    attributes: { outcome: 'resumed, refused, no_answer' },
    roles: EDGE,
  },
  'culvert.connection.resumed': {
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections that went on over another path.',
    roles: EDGE,
  },
  'culvert.connection.lost': {
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections that lost their path and could not go on, by reason.',
    attributes: { reason: CODE },
    roles: EDGE,
  },
  'culvert.connection.replayed': {
    kind: 'counter',
    unit: 'By',
    description: 'Bytes that were sent again to an agent over another path.',
    roles: EDGE,
  },
  'culvert.connection.gap.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'How long a connection that went on had no path.',
    roles: EDGE,
    buckets: GAP_BUCKETS,
  },
  'culvert.tenant.connections': {
    kind: 'counter',
    unit: '{connection}',
    description:
      'What became of customers’ connections, as the availability report counts them: opened, failed (by Culvert’s fault), excused (not so), lost. Probes are not among them.',
    attributes: { 'culvert.tenant.id': TENANT, outcome: 'opened, failed, excused, lost' },
    roles: EDGE,
  },
  'culvert.stream.buffered': {
    kind: 'gauge',
    unit: 'By',
    description: 'Bytes kept because the other end has not acknowledged them, or the browser has not taken them yet.',
    attributes: { side: 'send, receive' },
    roles: EDGE,
  },
  'culvert.stream.window': {
    kind: 'gauge',
    unit: 'By',
    description: 'Flow-control window granted to the other ends of all open connections together.',
    roles: EDGE,
  },

  'culvert.link.active': {
    kind: 'gauge',
    unit: '{link}',
    description: 'Links that are up; at a gateway, those of agents pass through it.',
    attributes: { peer: PEER },
    roles: EDGE,
  },
  'culvert.link.rtt': {
    kind: 'histogram',
    unit: 's',
    description: 'Round trip of the heartbeats over links; the side that dialed measures it.',
    attributes: { peer: 'worker' },
    roles: EDGE,
    buckets: RTT_BUCKETS,
  },
  'culvert.link.queued': {
    kind: 'gauge',
    unit: 'By',
    description: 'Bytes of frames that wait to leave over links.',
    attributes: { peer: PEER },
    roles: EDGE,
  },

  'culvert.session.active': {
    kind: 'gauge',
    unit: '{session}',
    description: 'Sessions on this worker, by state.',
    attributes: { state: 'idle, busy, offline' },
    roles: ['worker'],
  },
  'culvert.session.opened': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that this worker took over; moved: from another worker.',
    attributes: { how: 'new, returned, moved' },
    roles: ['worker'],
  },
  'culvert.session.closed': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that ended on this worker, or left it.',
    attributes: { reason: CODE },
    roles: ['worker'],
  },
  'culvert.session.refused': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that this worker did not take.',
    attributes: { 'error.type': CODE },
    roles: ['worker'],
  },
  'culvert.worker.connections': {
    kind: 'gauge',
    unit: '{connection}',
    description: 'Connections through this worker now.',
    roles: ['worker'],
  },
  'culvert.worker.suspect': {
    kind: 'gauge',
    unit: '',
    description: '1 while the worker is cut off from the registry, or has not checked its sessions since; else 0.',
    roles: ['worker'],
  },
  'culvert.worker.cordoned': {
    kind: 'gauge',
    unit: '',
    description: '1 while the worker takes no new sessions; else 0.',
    roles: ['worker'],
  },
  'culvert.drain.remaining': {
    kind: 'gauge',
    unit: '{session}',
    description: 'Sessions that a drain of this worker has still before it; 0 when it is not drained.',
    attributes: { state: 'idle, busy' },
    roles: ['worker'],
  },
  'culvert.drain.oldest_busy.age': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest connection that a drain waits for; 0 when there is none.',
    roles: ['worker'],
  },

  'culvert.registry.call.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Calls of the registry, by command.',
    attributes: { command: 'name of a registry command', outcome: `ok, or ${CODE}` },
    roles: EVERY_NODE,
    buckets: CALL_BUCKETS,
  },
  'culvert.registry.up': {
    kind: 'gauge',
    unit: '',
    description: '1 while the registry can be asked; else 0.',
    roles: EVERY_NODE,
  },
  'culvert.registry.lease.age': {
    kind: 'gauge',
    unit: 's',
    description: 'Time since the node’s lease was last renewed; it ends at 6.',
    roles: EVERY_NODE,
  },
  'culvert.registry.fenced': {
    kind: 'counter',
    unit: '{write}',
    description: 'Writes of this process that the registry refused because they were of a stale epoch.',
    roles: EVERY_NODE,
  },
  'culvert.route.lookups': {
    kind: 'counter',
    unit: '{lookup}',
    description: 'Look-ups of a session’s owner, by what answered.',
    attributes: {
      outcome:
        'hit; shared: with one that was under way; miss: Redis was asked; stale: Redis was away, and what was known was given once more; error',
    },
    roles: ['api', 'gateway'],
  },

  'http.server.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Requests to the API, without event streams.',
    attributes: {
      'http.request.method': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS; _OTHER: any other',
      'http.route': 'a route of the OpenAPI document, or of the dashboard; ~none: there is no such route',
      'http.response.status_code': 'a status of HTTP',
    },
    roles: ['api'],
    buckets: CALL_BUCKETS.concat(2.5, 5, 10),
  },
  'culvert.placement.granted': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions for which a worker was found.',
    roles: ['api'],
  },
  'culvert.placement.refused': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions for which no worker was found, or that were told to come back later.',
    attributes: { 'error.type': CODE },
    roles: ['api'],
  },

  'culvert.deployment.active': {
    kind: 'gauge',
    unit: '{deployment}',
    description: 'Deployments under way, as each deploy worker sees them.',
    attributes: { state: 'pending, preflight, running, paused, analyzing, rolling_back' },
    roles: ['deployer'],
  },
  'culvert.deployment.finished': {
    kind: 'counter',
    unit: '{deployment}',
    description: 'Deployments that this deploy worker brought to their end.',
    attributes: {
      state: 'succeeded, failed, aborted, rolled_back, rejected',
      strategy: 'rolling, surge, blue-green, canary',
    },
    roles: ['deployer'],
  },
  'culvert.deployment.step.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Steps of deployments that have ended.',
    attributes: { step: 'name of a step', outcome: 'ok, failed, timeout, skipped, forced' },
    roles: ['deployer'],
    buckets: STEP_BUCKETS,
  },
  'culvert.deployment.tick.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Ticks of the deploy worker.',
    attributes: {
      outcome:
        'done; over: the deployment ended; overtaken: by another deploy worker; nothing: there is none; not_ours; failed',
    },
    roles: ['deployer'],
    buckets: CALL_BUCKETS.concat(2.5, 5, 10),
  },

  'culvert.probe.results': {
    kind: 'counter',
    unit: '{probe}',
    description: 'Synthetic probes through the cluster.',
    attributes: { check: 'http, connect, websocket, body, session', outcome: 'ok, failed' },
    roles: ['deployer'],
  },
  'culvert.probe.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'How long synthetic probes took, of those that succeeded.',
    attributes: { check: 'http, connect, websocket, body, session' },
    roles: ['deployer'],
    buckets: SETUP_BUCKETS,
  },
  'culvert.probe.up': {
    kind: 'gauge',
    unit: '',
    description:
      '1 while probes through this node succeed; 0 after two rounds in a row that failed, until one succeeds. A worker is judged by its own address, a gateway by the ways to workers that are well.',
    attributes: { 'culvert.node.id': 'a gateway or a worker', role: 'gateway, worker' },
    roles: ['deployer'],
  },

  'culvert.slo.objective': {
    kind: 'gauge',
    unit: '1',
    description: 'What an objective asks for, a share.',
    attributes: { slo: 'name of an objective' },
    roles: ['api'],
  },
  'culvert.slo.attainment': {
    kind: 'gauge',
    unit: '1',
    description: 'What was reached within the objective’s window, a share.',
    attributes: { slo: 'name of an objective', source: 'real, synthetic' },
    roles: ['api'],
  },
  'culvert.slo.budget.remaining': {
    kind: 'gauge',
    unit: '1',
    description: 'Share of the error budget that is left; below 0 when more than all of it is spent.',
    attributes: { slo: 'name of an objective', source: 'real, synthetic' },
    roles: ['api'],
  },
  'culvert.slo.burn_rate': {
    kind: 'gauge',
    unit: '1',
    description: 'How fast the error budget is spent; at 1 it lasts exactly as long as the objective’s window.',
    attributes: { slo: 'name of an objective', source: 'real, synthetic', window: '5m, 30m, 1h, 6h, 3d' },
    roles: ['api'],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
