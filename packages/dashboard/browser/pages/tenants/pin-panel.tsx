import type { Tenant } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { useLiveCluster } from '../../api/live.ts';
import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/page.tsx';
import { PinTenant, UnpinTenant } from './pin-tenant.tsx';
import { pinEffect, poolsOf } from './pools.ts';

interface PinPanelProps {
  readonly tenant: Tenant;
  readonly sessions: number;
}

/** Where it is served. */
export function PinPanel({ tenant, sessions }: PinPanelProps) {
  const { pool, spill } = tenant;
  const { administer } = useMay();
  const cluster = useLiveCluster();
  const [asking, ask] = useState<'pin' | 'unpin' | undefined>(undefined);
  const pools = poolsOf(cluster?.nodes ?? []);
  const { warnings } = pinEffect(tenant, tenant, 0, pools);
  const close = (): void => ask(undefined);
  const actions = (
    <>
      <Button onClick={() => ask('pin')}>{pool === null ? 'Pin to a pool' : 'Pin elsewhere'}</Button>
      {pool === null ? null : <Button onClick={() => ask('unpin')}>Unpin</Button>}
    </>
  );
  return (
    <Panel title="Pool" actions={administer ? actions : null}>
      <p>
        {pool === null ? (
          <>
            Served in the pool <strong>default</strong>: it is not pinned.
          </>
        ) : (
          <>
            Pinned to the pool <strong>{pool}</strong>
            {spill.length === 0
              ? '; when that is full, its sessions wait.'
              : `; when that is full, new sessions go to ${spill.join(', then ')}.`}
          </>
        )}
      </p>
      {cluster === undefined
        ? null
        : warnings.map((warning) => (
            <p class="warn" key={warning}>
              {warning}
            </p>
          ))}
      {asking === 'pin' ? <PinTenant tenant={tenant} sessions={sessions} pools={pools} onClose={close} /> : null}
      {asking === 'unpin' ? <UnpinTenant tenant={tenant} sessions={sessions} pools={pools} onClose={close} /> : null}
    </Panel>
  );
}
