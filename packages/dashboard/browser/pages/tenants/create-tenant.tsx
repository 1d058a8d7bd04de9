import { useMutation } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { answerOf, api } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { LimitFields } from './limit-fields.tsx';
import { limitOf } from './nearness.ts';

/** Leads to the new tenant's page, where it gets its first key. */
export function CreateTenant({ onClose }: { readonly onClose: () => void }) {
  const { route } = useLocation();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [typed, setTyped] = useState({ sessions: '1000', connections: '1000' });
  const sessions = limitOf(typed.sessions, 0);
  const connectionsPerSession = limitOf(typed.connections, 1);
  const creating = useMutation({
    mutationFn: () => {
      if (sessions === undefined || connectionsPerSession === undefined) throw new Error('the form holds it back');
      const limits = { sessions, connectionsPerSession };
      const body = { id, limits, ...(name.trim() === '' ? {} : { name: name.trim() }) };
      return answerOf(api.POST('/v1/tenants', { body }));
    },
    onSuccess: (tenant) => {
      void queryClient.invalidateQueries({ queryKey: ['tenants'] });
      announce(`The tenant ${tenant.id} is there. Its agents need a key.`);
      route(`/tenants/${encodeURIComponent(tenant.id)}`);
    },
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    creating.mutate();
  };
  return (
    <Dialog title="Create a tenant" onClose={onClose}>
      <form onSubmit={submit}>
        <Field
          label="Id"
          value={id}
          onInput={setId}
          required
          pattern="[a-z0-9](?:[a-z0-9._\-]{0,61}[a-z0-9])?"
          hint="1 to 63 of a-z, 0-9, and inside - . _; it stays as it is."
          spellcheck={false}
          autocomplete="off"
        />
        <Field label="Name" value={name} onInput={setName} hint="For people; its id unless given." autocomplete="off" />
        <LimitFields typed={typed} onChange={setTyped} />
        {creating.error === null ? null : <ProblemNote error={creating.error} />}
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind="primary"
            busy={creating.isPending}
            disabled={sessions === undefined || connectionsPerSession === undefined}
          >
            Create
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
