import type { Blocker, LiveNode } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useEffect } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { queryClient } from '../../api/query-client.ts';
import { counted, rate } from '../../format/quantities.ts';
import { Empty } from '../../ui/empty.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Since, When } from '../../ui/time.tsx';
import { keyOf, reasonOf } from './blocker-words.ts';

/** More rows would tell nobody more. */
const SHOWN = 100;

/** How far the drain of a worker is, and what it waits for; nothing while there is none. */
export function NodeDrain({ node }: { readonly node: LiveNode }) {
  if (node.role !== 'worker') return null;
  if (node.state === 'empty') {
    return (
      <Panel title="Drain">
        <Empty title="It is empty.">
          <p>Nothing is lost when it ends now. Uncordon it, and it takes sessions again.</p>
        </Empty>
      </Panel>
    );
  }
  return node.state === 'draining' ? <Blockers node={node} /> : null;
}

function Blockers({ node }: { readonly node: LiveNode }) {
  const { id, sessions, connections } = node;
  const { data, error, refetch } = useQuery({
    queryKey: ['blockers', id],
    queryFn: () => answerOf(api.GET('/v1/nodes/{id}/blockers', { params: { path: { id } } })),
  });
  useEffect(() => void queryClient.invalidateQueries({ queryKey: ['blockers', id] }), [id, sessions, connections]);
  const blockers = data?.items ?? [];
  return (
    <Panel title="Drain">
      <p role="status">
        {counted(sessions, 'session')} and {counted(connections, 'connection')} are left.
        {data !== undefined && blockers.length === 0 ? ' Nothing holds it up.' : null}
      </p>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {blockers.length === 0 ? null : (
        <Table
          caption={`What keeps ${id} from being empty`}
          columns={COLUMNS}
          rows={blockers.slice(0, SHOWN)}
          keyOf={keyOf}
        />
      )}
      {blockers.length > SHOWN ? <p class="faint">And {counted(blockers.length - SHOWN, 'other')}.</p> : null}
    </Panel>
  );
}

const COLUMNS: readonly Column<Blocker>[] = [
  {
    title: 'Session',
    cell: ({ session, name }) => <a href={`/sessions/${session}`}>{name ?? session}</a>,
  },
  { title: 'Connection to', cell: ({ target }) => target ?? '–' },
  { title: 'Why it is there', cell: (blocker) => <span title={blocker.detail}>{reasonOf(blocker)}</span> },
  { title: 'For', cell: ({ since }) => <Since at={since} />, numeric: true },
  {
    title: 'Last byte',
    cell: ({ lastByteAt }) => (lastByteAt === undefined ? '–' : <When at={lastByteAt} />),
    minor: true,
  },
  {
    title: 'Both ways',
    cell: ({ bytesPerSecond }) => (bytesPerSecond === undefined ? '–' : rate(bytesPerSecond)),
    numeric: true,
    minor: true,
  },
];
