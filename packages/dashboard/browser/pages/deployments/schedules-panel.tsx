import type { Schedule } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { When } from '../../ui/time.tsx';
import { refreshSchedules, useSchedules } from './queries.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';

/** What a schedule begins: `rehearsal on worker-1`, `2.1.0 to the workers of pool blue`. */
function aimOfSchedule({ rehearsal, deployment }: Schedule): string {
  if (deployment !== null) {
    const { version, role = 'worker', pool = 'default' } = deployment;
    return `${version} to the ${role}s of pool ${pool}`;
  }
  return `rehearsal on ${rehearsal?.node ?? `a worker of pool ${rehearsal?.pool ?? 'default'}`}`;
}

const COLUMNS: readonly Column<Schedule>[] = [
  { title: 'Schedule', cell: ({ id }) => id },
  { title: 'Begins', cell: aimOfSchedule },
  { title: 'When', cell: ({ cron }) => <code>{cron}</code> },
  { title: 'Time zone', cell: ({ timezone }) => timezone, minor: true },
  {
    title: 'Next',
    cell: ({ nextAt }) => (nextAt === null ? 'when a deploy worker has taken it up' : <When at={nextAt} />),
  },
  { title: 'Last', cell: (schedule) => <Last {...schedule} />, minor: true },
];

function Last({ lastAt, lastDeployment, lastError }: Schedule) {
  if (lastAt === null) return <>–</>;
  return (
    <>
      {lastDeployment === null ? (
        <When at={lastAt} />
      ) : (
        <a href={`/deployments/${lastDeployment}`}>
          <When at={lastAt} />
        </a>
      )}
      {lastError === null ? null : <span class="bad"> ■ {lastError}</span>}
    </>
  );
}

/** What begins by itself. */
export function SchedulesPanel() {
  const { operate } = useMay();
  const { data, error, refetch } = useSchedules();
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<Schedule | undefined>(undefined);
  const remove: Column<Schedule> = {
    title: 'Actions',
    cell: (schedule) => (
      <Button kind="quiet" label={`Delete schedule ${schedule.id}`} onClick={() => setDoomed(schedule)}>
        Delete
      </Button>
    ),
  };
  return (
    <Panel title="Schedules" actions={operate ? <Button onClick={() => setAdding(true)}>Add a schedule</Button> : null}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading what="the schedules" /> : null}
      {data?.length === 0 ? (
        <Empty
          title="Nothing begins by itself."
          command={'culvert deploy schedule add nightly --cron "0 3 * * *" --rehearse'}
        />
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <Table
          caption="Schedules, and when they are next"
          columns={operate ? [...COLUMNS, remove] : COLUMNS}
          rows={data}
          keyOf={({ id }) => id}
        />
      )}
      {isAdding ? <ScheduleDialog known={data ?? []} onClose={() => setAdding(false)} /> : null}
      {doomed === undefined ? null : (
        <Confirm
          title={`Delete schedule ${doomed.id}`}
          verb="Delete"
          danger
          act={async () => {
            await answerOf(api.DELETE('/v1/schedules/{id}', { params: { path: { id: doomed.id } } }));
            await refreshSchedules();
          }}
          done={`Schedule ${doomed.id} is deleted`}
          onClose={() => setDoomed(undefined)}
        >
          <p>It begins nothing any more. A deployment that it has begun goes on.</p>
        </Confirm>
      )}
    </Panel>
  );
}
