import type { Deployment } from '@culvert/contracts';
import { counted, percent } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { progressOf } from './progress.ts';
import { isOver, tally } from './words.ts';

/** How far it is: steps of all nodes, and what is left if nothing has to be waited for. */
export function ProgressBar({ deployment }: { readonly deployment: Deployment }) {
  const { share, nodes, leftMs } = progressOf(deployment);
  const over = isOver(deployment);
  const none = over ? 'no node was touched' : 'its nodes are not known yet';
  const words = nodes === 0 ? none : `${counted(nodes, 'node')}: ${tally(deployment.nodes)}`;
  if (over) return <p>{words}</p>;
  return (
    <div class="deployments-progress">
      <progress value={share} max={1} aria-label="Progress" />
      <span>
        {percent(share, 0)} of the steps · {words}
        {leftMs === null ? null : ` · about ${duration(leftMs)} left, if nothing has to be waited for`}
      </span>
    </div>
  );
}
