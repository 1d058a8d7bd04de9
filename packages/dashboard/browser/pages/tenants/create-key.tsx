import type { CreatedKey, KeyRole } from '@culvert/contracts';
import { useMutation } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { EXPIRY_CHOICES, ROLE_CHOICES } from './key-state.ts';
import { refetchTenant } from './use-tenant.ts';

interface CreateKeyProps {
  readonly tenant: string;
  readonly onClose: () => void;
}

/** The key itself is shown here, and never again. */
export function CreateKey({ tenant, onClose }: CreateKeyProps) {
  const [role, setRole] = useState<KeyRole>('agent');
  const [label, setLabel] = useState('');
  const [expiry, setExpiry] = useState<string>('');
  const creating = useMutation({
    mutationFn: () => {
      const body = {
        role,
        ...(label.trim() === '' ? {} : { label: label.trim() }),
        ...(expiry === '' ? {} : { ttlSeconds: Number(expiry) }),
      };
      return answerOf(api.POST('/v1/tenants/{id}/keys', { params: { path: { id: tenant } }, body }));
    },
    onSuccess: () => refetchTenant(tenant),
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    creating.mutate();
  };
  if (creating.data !== undefined) return <Made made={creating.data} onClose={onClose} />;
  return (
    <Dialog title={`Create a key of ${tenant}`} onClose={onClose}>
      <form onSubmit={submit}>
        <Choice label="Role" value={role} options={ROLE_CHOICES} onChange={setRole} />
        {role === 'agent' ? null : (
          <p class="warn">A key of this role is of the whole cluster, not of this tenant only.</p>
        )}
        <Field
          label="Label"
          value={label}
          onInput={setLabel}
          hint="What it is for, to know it again."
          autocomplete="off"
        />
        <Choice
          label="Expires"
          value={expiry}
          options={EXPIRY_CHOICES}
          onChange={setExpiry}
          hint="One that has expired opens nothing new; sessions that are open go on."
        />
        {creating.error === null ? null : <ProblemNote error={creating.error} />}
        <footer>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={creating.isPending}>
            Create
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function Made({ made, onClose }: { readonly made: CreatedKey; readonly onClose: () => void }) {
  return (
    <Dialog title="The key" onClose={onClose}>
      <div class="tenants-made">
        <p class="warn" role="alert">
          It is shown this once: Culvert keeps no copy from which it could be shown again. Put it where secrets are kept
          before you close this.
        </p>
        <Copy text={made.key} label="the key" />
        <p class="faint">
          Role {made.role}, known as <code>{made.id}</code>.
        </p>
      </div>
      <footer>
        <Button kind="primary" onClick={onClose}>
          I have it
        </Button>
      </footer>
    </Dialog>
  );
}
