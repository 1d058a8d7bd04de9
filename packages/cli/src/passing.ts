import type { ErrorCode } from '@culvert/base';

/** Refusals that pass by themselves: what is followed goes on meanwhile, it needs neither the API nor this command. */
export const PASSING: ReadonlySet<ErrorCode> = new Set([
  'api_unreachable',
  'internal',
  'node_unreachable',
  'recovering',
  'registry_unavailable',
  'shutting_down',
  'timeout',
]);
