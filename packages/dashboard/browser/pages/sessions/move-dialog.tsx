import type { Session } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useLiveCluster } from '../../api/live.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Choice } from '../../ui/field.tsx';
import { moveTargets } from './move-targets.ts';

interface DialogProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** Make before break: its connections go with it. */
export function MoveDialog({ session, onClose }: DialogProps) {
  const { id, name, node, connections } = session;
  const [to, setTo] = useState('');
  const targets = moveTargets(useLiveCluster()?.nodes ?? [], node);
  const options = [
    { value: '', label: 'wherever there is room' },
    ...targets.map((one) => ({ value: one.id, label: `${one.id} (${counted(one.sessions, 'session')})` })),
  ];
  const body = to === '' ? null : { to };
  return (
    <Confirm
      title={`Move ${name ?? id}`}
      verb="Move"
      disabled={targets.length === 0}
      act={() => answerOf(api.POST('/v1/sessions/{id}/move', { params: { path: { id } }, body }))}
      done={`${name ?? id} was asked to move; its page shows when it has.`}
      onClose={onClose}
    >
      <p>
        Its agent links to the other worker first, takes {counted(connections, 'connection')} along, and then leaves{' '}
        {node}. Connections on {node}’s own proxy address stay there until they end.
      </p>
      {targets.length === 0 ? (
        <p class="sessions-trouble">No other worker of its pool is ready: start one, or uncordon one, first.</p>
      ) : (
        <Choice label="To" value={to} options={options} onChange={setTo} />
      )}
    </Confirm>
  );
}
