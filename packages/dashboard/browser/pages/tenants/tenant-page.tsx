import './tenants.css';
import type { Tenant } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { When } from '../../ui/time.tsx';
import { ChangeTenant } from './change-tenant.tsx';
import { DeleteTenant } from './delete-tenant.tsx';
import { Keys } from './keys.tsx';
import { PinPanel } from './pin-panel.tsx';
import { StatusAddress } from './status-address.tsx';
import { Usage } from './usage.tsx';
import { useTenant, useUsage } from './use-tenant.ts';

export default function TenantPage() {
  const { id = '' } = useRoute().params;
  const { data, error, refetch } = useTenant(id);
  if (data !== undefined) return <Shown tenant={data} key={data.id} />;
  return (
    <Page title={`Tenant ${id}`}>
      {error === null ? (
        <Loading what="the tenant" />
      ) : (
        <>
          <ProblemNote error={error} retry={() => void refetch()} />
          <p>
            <a href="/tenants">All tenants</a>
          </p>
        </>
      )}
    </Page>
  );
}

type Asking = 'change' | 'delete' | undefined;

function Shown({ tenant }: { readonly tenant: Tenant }) {
  const { id, name, createdAt } = tenant;
  const { administer } = useMay();
  const [asking, ask] = useState<Asking>(undefined);
  const usage = useUsage(id);
  const sessions = usage.data?.sessions.total;
  const close = (): void => ask(undefined);
  const actions = (
    <>
      <Button onClick={() => ask('change')}>Change name or limits</Button>
      <Button kind="danger" onClick={() => ask('delete')}>
        Delete
      </Button>
    </>
  );
  return (
    <Page title={`Tenant ${id}`} actions={administer ? actions : null}>
      <p>
        {name === id ? null : `${name}, `}
        <span class="faint">
          created <When at={createdAt} />
        </span>
        {' · '}
        <a href={`/sessions?tenant=${encodeURIComponent(id)}`}>Its sessions</a>
        {' · '}
        <a href={`/events?tenant=${encodeURIComponent(id)}`}>Its events</a>
      </p>
      <Usage tenant={tenant} usage={usage.data} error={usage.error} retry={() => void usage.refetch()} />
      <PinPanel tenant={tenant} sessions={sessions ?? 0} />
      <Keys tenant={id} />
      {administer ? <StatusAddress tenant={id} /> : null}
      {asking === 'change' ? <ChangeTenant tenant={tenant} sessions={sessions} onClose={close} /> : null}
      {asking === 'delete' ? <DeleteTenant tenant={id} sessions={sessions} onClose={close} /> : null}
    </Page>
  );
}
