import './tenants.css';
import type { ListedTenant } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useMay } from '../../api/me.ts';
import { count, counted } from '../../format/quantities.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Field } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { CreateTenant } from './create-tenant.tsx';
import { nearness } from './nearness.ts';

/** Nothing tells of them one by one. */
const REFETCH_MS = 5_000;
const SHOWN = 200;

export default function TenantsPage() {
  const { administer } = useMay();
  const [creating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['tenants'],
    queryFn: () => answerOf(api.GET('/v1/tenants')),
    refetchInterval: REFETCH_MS,
  });
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      Create a tenant
    </Button>
  );
  return (
    <Page title="Tenants" actions={administer ? create : null}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading what="tenants" /> : null : <List tenants={data.items} />}
      {creating ? <CreateTenant onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function List({ tenants }: { readonly tenants: readonly ListedTenant[] }) {
  const [typed, setTyped] = useState('');
  if (tenants.length === 0) {
    return (
      <Empty title="There are no tenants." command="npx culvert tenants create acme">
        <p>A tenant is a customer: it has keys, by which its agents open sessions, and limits.</p>
      </Empty>
    );
  }
  const text = typed.trim().toLowerCase();
  const found = tenants
    .filter(({ id, name }) => id.includes(text) || name.toLowerCase().includes(text))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return (
    <>
      <search class="filters">
        <Field
          label="Find"
          type="search"
          value={typed}
          onInput={setTyped}
          placeholder="id or name"
          spellcheck={false}
        />
        <p class="faint" role="status">
          {found.length > SHOWN
            ? `The first ${count(SHOWN)} of ${counted(found.length, 'tenant')}.`
            : counted(found.length, 'tenant')}
        </p>
      </search>
      {found.length === 0 ? (
        <Empty title={`No tenant has “${typed.trim()}” in its id or name.`} />
      ) : (
        <Table caption="Tenants" columns={COLUMNS} rows={found.slice(0, SHOWN)} keyOf={({ id }) => id} />
      )}
    </>
  );
}

const COLUMNS = [
  { title: 'Tenant', cell: ({ id }: ListedTenant) => <a href={`/tenants/${encodeURIComponent(id)}`}>{id}</a> },
  { title: 'Name', minor: true, cell: ({ name }: ListedTenant) => name },
  { title: 'Served in', cell: (tenant: ListedTenant) => <ServedIn tenant={tenant} /> },
  { title: 'Sessions', numeric: true, cell: (tenant: ListedTenant) => <SessionsNow tenant={tenant} /> },
  {
    ...{ title: 'Connections a session', numeric: true, minor: true },
    cell: ({ limits }: ListedTenant) => `${count(limits.connectionsPerSession)} at most`,
  },
  { title: 'Keys in force', numeric: true, cell: ({ keys }: ListedTenant) => count(keys) },
  { title: 'Created', minor: true, cell: ({ createdAt }: ListedTenant) => <When at={createdAt} /> },
];

function ServedIn({ tenant: { pool, spill } }: { readonly tenant: ListedTenant }) {
  if (pool === null) return <span class="faint">default</span>;
  return (
    <>
      {pool}
      {spill.length === 0 ? null : <span class="faint">, when full {spill.join(', ')}</span>}
    </>
  );
}

function SessionsNow({ tenant: { sessions, limits } }: { readonly tenant: ListedTenant }) {
  if (sessions === null) return <span class="faint">not known: Redis is away</span>;
  const { tone } = nearness(sessions, limits.sessions);
  return (
    <span class={tone === 'good' || limits.sessions === 0 ? '' : tone}>
      {count(sessions)} of {count(limits.sessions)}
    </span>
  );
}
