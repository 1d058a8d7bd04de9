import type { Deployment } from '@culvert/contracts';
import { Badge } from '../../ui/badge.tsx';
import { Since } from '../../ui/time.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { useDeployment, useWhy } from './queries.ts';
import { aimOf } from './words.ts';

/** One that is under way, with what it waits for. */
export function UnderWay({ brief }: { readonly brief: Deployment }) {
  // The one of the list lacks the forecast, by which is told how long it takes.
  const { data: deployment = brief } = useDeployment(brief.id);
  const { data: why } = useWhy(brief.id, true);
  return (
    <article class="card deployments-current">
      <p class="deployments-line">
        <Badge state={deployment.state} />
        <a href={`/deployments/${deployment.id}`}>
          <strong>{aimOf(deployment)}</strong>
        </a>
        <span class="faint">
          {deployment.strategy}, {deployment.policy} · by <code>{deployment.createdBy}</code> · since{' '}
          <Since at={deployment.createdAt} />
        </span>
      </p>
      <ProgressBar deployment={deployment} />
      {why === undefined ? null : <p>{why.summary}</p>}
    </article>
  );
}
