import type { MaintenanceWindow } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useMay } from '../../api/me.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { durationText } from './durations.ts';
import { refreshWindows, useWindows } from './queries.ts';
import { WindowDialog } from './window-dialog.tsx';

const COLUMNS: readonly Column<MaintenanceWindow>[] = [
  { title: 'Window', cell: ({ id }) => id },
  { title: 'State', cell: ({ open }) => <Badge state={open ? 'open' : 'closed'} tone={open ? 'good' : 'neutral'} /> },
  { title: 'Opens', cell: ({ opensAt }) => (opensAt === null ? '–' : <When at={opensAt} />) },
  { title: 'Closes', cell: ({ closesAt }) => (closesAt === null ? '–' : <When at={closesAt} />) },
  {
    title: 'When',
    cell: ({ cron, forMs }) => (
      <>
        <code>{cron}</code>, for {durationText(forMs)}
      </>
    ),
    minor: true,
  },
  { title: 'Time zone', cell: ({ timezone }) => timezone, minor: true },
  { title: 'Pool', cell: ({ pool }) => pool ?? 'every pool', minor: true },
];

/** When deployments that ask for it may touch nodes. */
export function WindowsPanel() {
  const { operate } = useMay();
  const { data, error, refetch } = useWindows();
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<MaintenanceWindow | undefined>(undefined);
  const remove: Column<MaintenanceWindow> = {
    title: 'Actions',
    cell: (window) => (
      <Button kind="quiet" label={`Delete window ${window.id}`} onClick={() => setDoomed(window)}>
        Delete
      </Button>
    ),
  };
  return (
    <Panel
      title="Maintenance windows"
      actions={operate ? <Button onClick={() => setAdding(true)}>Add a window</Button> : null}
    >
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading what="the windows" /> : null}
      {data?.length === 0 ? (
        <Empty
          title="There is no maintenance window: a deployment that asks for one waits."
          command={'culvert deploy window add night --cron "0 22 * * *" --for 6h'}
        />
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <Table
          caption="Maintenance windows, and when they open"
          columns={operate ? [...COLUMNS, remove] : COLUMNS}
          rows={data}
          keyOf={({ id }) => id}
        />
      )}
      {isAdding ? <WindowDialog known={data ?? []} onClose={() => setAdding(false)} /> : null}
      {doomed === undefined ? null : (
        <Confirm
          title={`Delete window ${doomed.id}`}
          verb="Delete"
          danger
          act={async () => {
            await answerOf(api.DELETE('/v1/windows/{id}', { params: { path: { id: doomed.id } } }));
            await refreshWindows();
          }}
          done={`Window ${doomed.id} is deleted`}
          onClose={() => setDoomed(undefined)}
        >
          <p>Deployments that wait for a window wait for another one then.</p>
        </Confirm>
      )}
    </Panel>
  );
}
