import type { ApiKey } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { useMay } from '../../api/me.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useNow } from '../../ui/now.ts';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { CreateKey } from './create-key.tsx';
import { keyState, sortedKeys } from './key-state.ts';
import { RevokeKey } from './revoke-key.tsx';
import { useKeys } from './use-tenant.ts';

/** By which its agents, and people, come in. */
export function Keys({ tenant }: { readonly tenant: string }) {
  const { administer } = useMay();
  const { data, error, refetch } = useKeys(tenant);
  const [creating, setCreating] = useState(false);
  const [revoking, revoke] = useState<ApiKey | undefined>(undefined);
  return (
    <Panel title="Keys" actions={administer ? <Button onClick={() => setCreating(true)}>Create a key</Button> : null}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Loading what="its keys" />
        ) : null
      ) : (
        <KeyTable tenant={tenant} keys={data.items} onRevoke={administer ? revoke : undefined} />
      )}
      {creating ? <CreateKey tenant={tenant} onClose={() => setCreating(false)} /> : null}
      {revoking === undefined ? null : (
        <RevokeKey tenant={tenant} apiKey={revoking} onClose={() => revoke(undefined)} />
      )}
    </Panel>
  );
}

interface KeyTableProps {
  readonly tenant: string;
  readonly keys: readonly ApiKey[];
  /** undefined: the person may not. */
  readonly onRevoke: ((key: ApiKey) => void) | undefined;
}

function KeyTable({ tenant, keys, onRevoke }: KeyTableProps) {
  const now = useNow();
  if (keys.length === 0) {
    return (
      <Empty title="It has no keys." command={`npx culvert keys create --tenant ${tenant}`}>
        <p>Its agents can’t open sessions without one.</p>
      </Empty>
    );
  }
  const revoking = {
    title: 'Actions',
    cell: (key: ApiKey) =>
      key.revokedAt === null ? (
        <Button kind="quiet" onClick={() => onRevoke?.(key)} label={`Revoke ${key.label || key.id}`}>
          Revoke
        </Button>
      ) : null,
  };
  return (
    <Table
      caption={`Keys of ${tenant}`}
      rows={sortedKeys(keys, now)}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Key', cell: ({ id }) => <code>{id}</code> },
        { title: 'Label', cell: ({ label }) => label || <span class="faint">none</span> },
        { title: 'Role', minor: true, cell: ({ role }) => role },
        { title: 'State', cell: (key) => <State apiKey={key} now={now} /> },
        { title: 'Created', minor: true, cell: ({ createdAt }) => <When at={createdAt} /> },
        ...(onRevoke === undefined ? [] : [revoking]),
      ]}
    />
  );
}

function State({ apiKey, now }: { readonly apiKey: ApiKey; readonly now: number }) {
  const { state, tone } = keyState(apiKey, now);
  const at = apiKey.revokedAt ?? apiKey.expiresAt;
  return (
    <>
      <Badge state={state} tone={tone} />{' '}
      {at === null ? null : (
        <span class="faint">
          {state === 'in force' ? 'expires ' : ''}
          <When at={at} />
        </span>
      )}
    </>
  );
}
