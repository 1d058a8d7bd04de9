/** What an operator's guide has a section on, by its heading's anchor. */
export type Runbook =
  | 'node-down'
  | 'no-node-of-a-role'
  | 'registry-away'
  | 'probes-fail'
  | 'connections-lost'
  | 'no-place-for-agents'
  | 'drain-stuck'
  | 'deployment-stopped'
  | 'slow-event-loop'
  | 'budget-burns';

/** Within the repository, as the alert's reader has it; who keeps the guide elsewhere rewrites it in Alertmanager. */
export function runbookUrl(runbook: Runbook): string {
  return `docs/OPERATIONS.md#${runbook}`;
}
