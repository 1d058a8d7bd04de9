import type { ApiKey } from '@culvert/contracts';
import { answerOf, api } from '../../api/client.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { refetchTenant } from './use-tenant.ts';

interface RevokeKeyProps {
  readonly tenant: string;
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}

export function RevokeKey({ tenant, apiKey: { id, role, label }, onClose }: RevokeKeyProps) {
  const act = async (): Promise<void> => {
    await answerOf(api.DELETE('/v1/tenants/{id}/keys/{keyId}', { params: { path: { id: tenant, keyId: id } } }));
    refetchTenant(tenant);
  };
  return (
    <Confirm
      title={`Revoke ${label || id}`}
      verb="Revoke"
      danger
      guard={id}
      act={act}
      done={`The key ${id} is revoked.`}
      onClose={onClose}
    >
      <p>
        {role === 'agent'
          ? 'Every session whose agent came with this key ends at once, and its open connections break off.'
          : 'Whoever signed in with this key, or uses it in a program, is refused from now on.'}{' '}
        It can’t be taken back: make another key first, and give it to those who need it.
      </p>
    </Confirm>
  );
}
