import type { LiveNode } from '@culvert/contracts';
import { answerOf, api } from '../../api/client.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { DeploymentNote } from './deployment-note.tsx';

interface CordonDialogProps {
  readonly node: LiveNode;
  readonly verb: 'cordon' | 'uncordon';
  readonly onClose: () => void;
}

/** Asks before a worker gets no new sessions, or gets them again. */
export function CordonDialog({ node, verb, onClose }: CordonDialogProps) {
  const params = { params: { path: { id: node.id } } };
  return verb === 'cordon' ? (
    <Confirm
      title={`Cordon ${node.id}`}
      verb="Cordon"
      act={() => answerOf(api.POST('/v1/nodes/{id}/cordon', params))}
      done={`${node.id} takes no new sessions.`}
      onClose={onClose}
    >
      <p>
        It takes no new sessions from now on. {stays(node)} Uncordon it to take that back, drain it to get it empty.
      </p>
      <DeploymentNote node={node} />
    </Confirm>
  ) : (
    <Confirm
      title={`Uncordon ${node.id}`}
      verb="Uncordon"
      act={() => answerOf(api.POST('/v1/nodes/{id}/uncordon', params))}
      done={`${node.id} takes new sessions again.`}
      onClose={onClose}
    >
      <p>
        It takes new sessions again.
        {node.state === 'draining' ? ` That ends its drain. ${stays(node)}` : null}
      </p>
      <DeploymentNote node={node} />
    </Confirm>
  );
}

function stays({ sessions, connections }: LiveNode): string {
  if (sessions === 0) return 'It has none now.';
  return `${counted(sessions, 'session')} with ${counted(connections, 'connection')} stay as they are.`;
}
