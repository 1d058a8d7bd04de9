import type { Deployment, DeploymentNode } from '@culvert/contracts';
import { count } from '../../format/quantities.ts';
import { loadOf } from './progress.ts';

interface LoadBarProps {
  readonly node: DeploymentNode;
  readonly deployment: Deployment;
}

/** What a node had when it began, by where it is now: busy, idle, gone. */
export function LoadBar({ node, deployment }: LoadBarProps) {
  const { busy, idle, gone } = loadOf(node, deployment);
  const total = busy + idle + gone;
  const isWorker = deployment.role === 'worker';
  const none = isWorker ? 'no sessions' : 'no connections';
  const words =
    total === 0
      ? none
      : isWorker
        ? `${count(busy + idle)} of ${count(total)} sessions left, ${count(busy)} busy, ${count(node.connections)} connections`
        : `${count(busy)} of ${count(total)} connections left`;
  const width = (part: number) => ({ width: `${total === 0 ? 0 : (part / total) * 100}%` });
  return (
    <span class="deployments-load">
      <span class="deployments-bar" aria-hidden="true">
        <span class="busy" style={width(busy)} />
        <span class="idle" style={width(idle)} />
      </span>
      <span class="faint">{words}</span>
    </span>
  );
}
