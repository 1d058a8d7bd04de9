import { useMutation } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { answerOf, api } from '../../api/client.ts';
import { useLiveCluster } from '../../api/live.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { parseDuration } from './durations.ts';
import { newKey } from './queries.ts';
import { durationProblem } from './times-form.ts';

const WEEK_MS = 7 * 24 * 3_600_000;

/** Proves on a live worker that sessions can be moved away and back, without a release. */
export function RehearseDialog({ onClose }: { readonly onClose: () => void }) {
  const { route } = useLocation();
  const workers = (useLiveCluster()?.nodes ?? []).filter(({ role, state }) => role === 'worker' && state === 'ready');
  const [node, setNode] = useState('');
  const [deadline, setDeadline] = useState('');
  const key = useRef(newKey());
  const problem = deadline === '' ? undefined : durationProblem(deadline, 1_000, WEEK_MS, 'Such as 30s or 1m.');
  const rehearsal = useMutation({
    mutationFn: () => {
      const deadlineMs = parseDuration(deadline);
      const body = { ...(node === '' ? {} : { node }), ...(deadlineMs === undefined ? {} : { deadlineMs }) };
      return answerOf(api.POST('/v1/deployments/rehearse', { body, headers: { 'idempotency-key': key.current } }));
    },
    onSuccess: ({ id }) => {
      announce('The rehearsal has begun');
      onClose();
      route(`/deployments/${id}`);
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (problem === undefined) rehearsal.mutate();
  };
  return (
    <Dialog title="Rehearse a drain" onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          One live worker is cordoned, its sessions are moved to others with their connections, and back again. Nothing
          is replaced, and no connection breaks.
        </p>
        <Choice
          label="Worker"
          value={node}
          onChange={setNode}
          options={[
            { value: '', label: 'any of pool default' },
            ...workers.map(({ id, pool, sessions }) => ({ value: id, label: `${id} (${pool}, ${sessions} sessions)` })),
          ]}
        />
        <Field
          label="Deadline"
          value={deadline}
          onInput={setDeadline}
          placeholder="1m"
          hint="For its busy sessions; then it takes itself back."
          problem={problem}
        />
        {rehearsal.error === null ? null : <ProblemNote error={rehearsal.error} />}
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={rehearsal.isPending}>
            Rehearse
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
