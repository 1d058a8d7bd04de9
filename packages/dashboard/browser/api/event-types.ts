import type { ClusterEvent } from '@culvert/contracts';

/** Every type of event that the history has; the compiler sees that none is missing. */
const types: Readonly<Record<ClusterEvent['type'], true>> = {
  'session.opened': true,
  'session.moved': true,
  'session.closed': true,
  'session.fenced': true,
  'node.state': true,
  'node.cordoned': true,
  'node.uncordoned': true,
  'node.swept': true,
  'registry.recovering': true,
  'registry.recovered': true,
  'deployment.created': true,
  'deployment.state': true,
  'deployment.step': true,
  'deployment.command': true,
  'deployment.restored': true,
  'probe.failed': true,
  'probe.recovered': true,
  'chaos.started': true,
  'chaos.fault': true,
  'chaos.ended': true,
  unknown: true,
};

export const EVENT_TYPES = Object.keys(types);
