import type { Tenant } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { LimitFields } from './limit-fields.tsx';
import { limitOf } from './nearness.ts';
import { refetchTenant } from './use-tenant.ts';

interface ChangeTenantProps {
  readonly tenant: Tenant;
  /** Open now; undefined: not known. */
  readonly sessions: number | undefined;
  readonly onClose: () => void;
}

/** Its name and limits. */
export function ChangeTenant({ tenant, sessions: open, onClose }: ChangeTenantProps) {
  const { id, limits } = tenant;
  const [name, setName] = useState(tenant.name);
  const [typed, setTyped] = useState({
    sessions: String(limits.sessions),
    connections: String(limits.connectionsPerSession),
  });
  const sessions = limitOf(typed.sessions, 0);
  const connectionsPerSession = limitOf(typed.connections, 1);
  const act = async (): Promise<void> => {
    if (sessions === undefined || connectionsPerSession === undefined) return; // the button is not to be pressed then
    const body = { name: name.trim(), limits: { sessions, connectionsPerSession } };
    await answerOf(api.PATCH('/v1/tenants/{id}', { params: { path: { id } }, body }));
    refetchTenant(id);
  };
  return (
    <Confirm
      title={`Change ${id}`}
      verb="Change"
      act={act}
      done={`${id} is changed.`}
      onClose={onClose}
      disabled={sessions === undefined || connectionsPerSession === undefined || name.trim() === ''}
    >
      <Field label="Name" value={name} onInput={setName} required autocomplete="off" />
      <LimitFields typed={typed} onChange={setTyped} />
      {sessions !== undefined && open !== undefined && sessions < open ? (
        <p class="warn">
          It has {counted(open, 'session')} now. Those stay, but none that ends can be opened anew until there are fewer
          than {sessions}.
        </p>
      ) : null}
      <p class="faint">
        New sessions go by it at once. How many connections it may have, an open session hears when its agent attaches
        again, at its next move at the latest.
      </p>
    </Confirm>
  );
}
