import type { Deployment, DeploymentVerb, DeploymentWhy } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { CommandDialog } from './command-dialog.tsx';
import { isHeld, verbsOf } from './verbs.ts';
import { isOver, versionBefore } from './words.ts';

const LABELS: Readonly<Record<DeploymentVerb, string>> = {
  ...{ pause: 'Pause', resume: 'Resume', abort: 'Abort', promote: 'Promote', rollback: 'Roll back' },
  ...{ skip: 'Skip', extend: 'Extend', force: 'Force' },
};

interface CommandsProps {
  readonly deployment: Deployment;
  readonly why: DeploymentWhy | undefined;
}

/** What can be said to the deployment now; once it is over, what can follow it. */
export function Commands({ deployment, why }: CommandsProps) {
  const { operate } = useMay();
  const [verb, setVerb] = useState<DeploymentVerb | undefined>(undefined);
  if (!operate) return null;
  if (isOver(deployment)) return <Following deployment={deployment} />;
  return (
    <>
      {verbsOf(deployment, why).map((one) => (
        <Button
          key={one}
          kind={
            one === 'promote' || one === 'resume'
              ? 'primary'
              : one === 'abort' || one === 'rollback'
                ? 'danger'
                : 'plain'
          }
          onClick={() => setVerb(one)}
        >
          {LABELS[one]}
        </Button>
      ))}
      {verb === undefined ? null : (
        <CommandDialog deployment={deployment} verb={verb} held={isHeld(why)} onClose={() => setVerb(undefined)} />
      )}
    </>
  );
}

/** One that is over takes no commands: the way back is another deployment, which brings the version of before. */
function Following({ deployment }: { readonly deployment: Deployment }) {
  const { route } = useLocation();
  const { id, kind, state, nodes, request } = deployment;
  if (kind === 'rehearsal') return null;
  const before = request.dryRun ? undefined : versionBefore(deployment);
  const isThere = state === 'succeeded' || nodes.some((node) => node.state === 'done');
  const again = `/deployments?start&again=${encodeURIComponent(id)}`;
  return (
    <>
      <Button onClick={() => route(again)}>{request.dryRun ? 'Start with these settings' : 'Start again'}</Button>
      {before === undefined || !isThere ? null : (
        <Button kind="danger" onClick={() => route(`${again}&version=${encodeURIComponent(before)}`)}>
          Go back to {before}
        </Button>
      )}
    </>
  );
}
