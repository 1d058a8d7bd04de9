import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { Copy } from '../../ui/copy.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';

/** Its own status page: whoever has the address may read it. */
export function StatusAddress({ tenant }: { readonly tenant: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['tenant', tenant, 'status-page'],
    queryFn: () => answerOf(api.GET('/v1/tenants/{id}/status-page', { params: { path: { id: tenant } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title="Its own status page">
      <p class="faint">Made of its own traffic, for its people. Whoever has the address may read it, without a key.</p>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? (
        error === null ? (
          <Loading what="the address" />
        ) : null
      ) : (
        <Copy text={data.url} label="the address of its status page" />
      )}
    </Panel>
  );
}
