import { useLocation } from 'preact-iso';
import { answerOf, api } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { counted } from '../../format/quantities.ts';
import { Confirm } from '../../ui/confirm.tsx';

interface DeleteTenantProps {
  readonly tenant: string;
  /** Open now; undefined: not known. */
  readonly sessions: number | undefined;
  readonly onClose: () => void;
}

export function DeleteTenant({ tenant, sessions, onClose }: DeleteTenantProps) {
  const { route } = useLocation();
  const act = async (): Promise<void> => {
    await answerOf(api.DELETE('/v1/tenants/{id}', { params: { path: { id: tenant } } }));
    void queryClient.invalidateQueries({ queryKey: ['tenants'] });
    route('/tenants');
  };
  return (
    <Confirm
      title={`Delete ${tenant}`}
      verb="Delete"
      danger
      guard={tenant}
      act={act}
      done={`The tenant ${tenant} is deleted.`}
      onClose={onClose}
    >
      <p>
        {sessions === undefined ? 'Its sessions end' : `Its ${counted(sessions, 'session')} end`} at once, with their
        open connections; its keys are deleted, and its status page is gone. It can’t be taken back.
      </p>
    </Confirm>
  );
}
