import type { DrainPolicy, DrainPreview, LiveNode } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { count, counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Choice } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { DeploymentNote } from './deployment-note.tsx';

const POLICIES = [
  { value: 'move', label: 'move them, with their connections' },
  { value: 'wait', label: 'wait for their last connection to end' },
] as const satisfies readonly { value: DrainPolicy; label: string }[];

const HINTS: Readonly<Record<DrainPolicy, string>> = {
  move: 'Connections stand still for a moment and lose no byte.',
  wait: 'Idle sessions are closed, and their agents come back elsewhere. It may take as long as the longest connection.',
};

interface DrainDialogProps {
  readonly node: LiveNode;
  readonly onClose: () => void;
}

/** Says what a drain would do now, and begins it. */
export function DrainDialog({ node, onClose }: DrainDialogProps) {
  const [policy, setPolicy] = useState<DrainPolicy>('move');
  const path = { id: node.id };
  const preview = useQuery({
    queryKey: ['drain-preview', node.id],
    queryFn: () => answerOf(api.GET('/v1/nodes/{id}/drain-preview', { params: { path } })),
    gcTime: 0, // what was true a minute ago is no preview
  });
  return (
    <Confirm
      title={`Drain ${node.id}`}
      verb="Drain"
      act={() => answerOf(api.POST('/v1/nodes/{id}/drain', { params: { path }, body: { policy } }))}
      done={`${node.id} is being drained.`}
      onClose={onClose}
    >
      <p>It takes no new sessions, and those it has go elsewhere. Uncordon it to end that.</p>
      {preview.isPending ? <Loading what="the preview" /> : null}
      {preview.error === null ? null : <ProblemNote error={preview.error} retry={() => void preview.refetch()} />}
      {preview.data === undefined ? null : <Preview preview={preview.data} />}
      <Choice label="Busy sessions" value={policy} options={POLICIES} onChange={setPolicy} hint={HINTS[policy]} />
      <DeploymentNote node={node} />
    </Confirm>
  );
}

/** Names of workers that are listed; the others are counted. */
const NAMED = 3;

function Preview({ preview }: { readonly preview: DrainPreview }) {
  const { summary, warnings, targets } = preview;
  const named = targets.slice(0, NAMED).map(({ node, room }) => `${node} (room for ${count(room)})`);
  const others = targets.length - named.length;
  return (
    <>
      <p class="cluster-preview">
        <strong>{summary}</strong>
      </p>
      {warnings.length === 0 ? null : (
        <ul class="cluster-reasons warn" aria-label="Why it might not become empty">
          {warnings.map((warning) => (
            <li key={warning}>
              <span aria-hidden="true">▲</span> {warning}
            </li>
          ))}
        </ul>
      )}
      {named.length === 0 ? null : (
        <p class="faint">
          They can go to {named.join(', ')}
          {others > 0 ? ` and ${counted(others, 'other')}` : ''}.
        </p>
      )}
    </>
  );
}
