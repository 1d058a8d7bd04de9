import type { About } from '@culvert/contracts';
import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Panel } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Since } from '../../ui/time.tsx';
import { inOrder } from './about-words.ts';

type Process = About['processes'][number];

const TONES = { ok: 'good', warn: 'warn', bad: 'bad' } as const;
const WORDS = { ok: 'well', warn: 'look at it', bad: 'act on it' } as const;

const COLUMNS: readonly Column<Process>[] = [
  { title: 'Process', cell: ({ id }) => <a href={`/nodes/${id}`}>{id}</a> },
  { title: 'Role', minor: true, cell: ({ role }) => role },
  { title: 'Version', cell: ({ version }) => version },
  { title: 'State', cell: ({ state }) => <Badge state={state} /> },
  { title: 'Health', cell: ({ health }) => <Health health={health} /> },
  {
    title: 'Up for',
    minor: true,
    cell: ({ startedAt }) => (startedAt === null ? 'not told' : <Since at={startedAt} />),
  },
  { title: 'Pool', minor: true, cell: ({ pool }) => pool },
  { title: 'Host', minor: true, cell: ({ host, pid }) => `${host}, pid ${pid}` },
  { title: 'Admin address', minor: true, cell: ({ admin }) => <code>{admin}</code> },
];

/** All that are known, those that need a person first. */
export function Processes({ about: { processes, registry } }: { readonly about: About }) {
  return (
    <Panel title="Processes">
      {processes.length > 0 ? (
        <Table
          caption="Processes of the cluster, with their health"
          columns={COLUMNS}
          rows={inOrder(processes)}
          keyOf={({ id }) => id}
        />
      ) : (
        <Empty
          title={registry.available ? 'No process is known.' : 'The registry is away, so no process is known.'}
          command="culvert doctor"
        />
      )}
    </Panel>
  );
}

function Health({ health: { level, reasons } }: { readonly health: Process['health'] }) {
  return (
    <>
      <Badge state={WORDS[level]} tone={TONES[level]} />
      {reasons.length === 0 ? null : (
        <ul class="about-reasons">
          {reasons.map((reason) => (
            <li key={reason}>
              <small>{reason}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
