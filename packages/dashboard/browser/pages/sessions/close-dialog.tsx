import type { Session } from '@culvert/contracts';
import { answerOf, api } from '../../api/client.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';

interface DialogProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** An idle one breaks nothing, and is closed only if it is idle still; a busy one needs its name typed. */
export function CloseDialog({ session, onClose }: DialogProps) {
  const { id, name, connections } = session;
  const busy = connections > 0;
  const called = name ?? id;
  const query = busy ? ({ force: 'true' } as const) : {};
  return (
    <Confirm
      title={`Close ${called}`}
      verb={busy ? 'Close by force' : 'Close'}
      danger={busy}
      {...(busy ? { guard: called } : {})}
      act={() => answerOf(api.DELETE('/v1/sessions/{id}', { params: { path: { id }, query } }))}
      done={`${called} was closed.`}
      onClose={onClose}
    >
      {busy ? (
        <p>
          <strong>{counted(connections, 'open connection')} will break.</strong> To take it off its worker without
          breaking any, move it instead.
        </p>
      ) : (
        <p>It is idle: nothing breaks. Should a connection open meanwhile, it is not closed, and that is said.</p>
      )}
      <p class="faint">
        Its agent is told not to come back. To have it back, start the agent again
        {name === null ? '; the session then has another id.' : ': the session then has the same id and credentials.'}
      </p>
    </Confirm>
  );
}
