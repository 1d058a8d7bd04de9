import type { ClusterEvent, ClusterEventList } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { useRefetchOn } from '../../api/live.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { EventWords } from '../events/event-words.tsx';

/** What sessions do would drown what the node does: that is on the page of events. */
const TYPES = ['node.', 'deployment.step', 'probe.', 'chaos.fault'] as const;
const QUERY = {
  types: 'node.*,deployment.step,probe.*,chaos.fault',
  format: 'json',
  order: 'desc',
  limit: '20',
} as const;

/** A page, not the stream: `format` says so, which the document cannot. */
function loadEvents(node: string): Promise<ClusterEventList> {
  return answerOf(api.GET('/v1/events', { params: { query: { ...QUERY, node } } })) as Promise<ClusterEventList>;
}

/** The last things that happened to a node. */
export function NodeEvents({ node }: { readonly node: string }) {
  const queryKey = ['events', 'node', node];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: () => loadEvents(node),
  });
  useRefetchOn(TYPES, queryKey);
  const all = <a href={`/events?node=${encodeURIComponent(node)}`}>All, with its sessions’</a>;
  return (
    <Panel title="Last events" actions={all}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading what="events" /> : null}
      {data?.items.length === 0 ? <Empty title="The history has nothing of it." /> : null}
      {data === undefined || data.items.length === 0 ? null : (
        <Table caption={`Last events of ${node}`} columns={COLUMNS} rows={data.items} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<ClusterEvent>[] = [
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  { title: 'What', cell: (event) => <EventWords event={event} /> },
  { title: 'Type', cell: ({ type }) => <code>{type}</code>, minor: true },
];
