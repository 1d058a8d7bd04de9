import './deployments.css';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useMay } from '../../api/me.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { DeploymentTable } from './deployment-list.tsx';
import { useDeployments } from './queries.ts';
import { RehearseDialog } from './rehearse-dialog.tsx';
import { RunningNow } from './running-now.tsx';
import { SchedulesPanel } from './schedules-panel.tsx';
import { StartDialog } from './start-dialog.tsx';
import { UnderWay } from './under-way.tsx';
import { WindowsPanel } from './windows-panel.tsx';
import { isOver } from './words.ts';

export default function DeploymentsPage() {
  const { operate } = useMay();
  const { query, route } = useLocation();
  const [isRehearsing, setRehearsing] = useState(false);
  const isStarting = operate && query.start !== undefined;
  const actions = (
    <>
      <Button onClick={() => setRehearsing(true)}>Rehearse</Button>
      <Button kind="primary" onClick={() => route('/deployments?start')}>
        Start a deployment
      </Button>
    </>
  );
  return (
    <Page title="Deployments" actions={operate ? actions : null}>
      <History />
      <Panel title="Runs now">
        <RunningNow />
      </Panel>
      <SchedulesPanel />
      <WindowsPanel />
      {isRehearsing ? <RehearseDialog onClose={() => setRehearsing(false)} /> : null}
      {isStarting ? (
        <StartDialog
          {...(query.again === undefined ? {} : { again: query.again })}
          {...(query.version === undefined ? {} : { version: query.version })}
          onClose={() => route('/deployments', true)}
        />
      ) : null}
    </Page>
  );
}

/** Those under way on top, the others below. */
function History() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useDeployments();
  if (data === undefined && error !== null) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the deployments" />;
  const all = data.pages.flatMap(({ items }) => items);
  const current = all.filter((one) => !isOver(one));
  return (
    <>
      {current.length === 0 ? null : (
        <Panel title="Under way">
          {current.map((one) => (
            <UnderWay key={one.id} brief={one} />
          ))}
        </Panel>
      )}
      <Panel title="History">
        {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
        {all.length === 0 ? (
          <Empty title="There was no deployment yet." command="culvert deploy start --version 2.0.0 --dry-run">
            <p>A dry run says what would happen, how long it would take, and to which sessions.</p>
          </Empty>
        ) : (
          <DeploymentTable deployments={all} />
        )}
        {hasNextPage ? (
          <div>
            <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Earlier ones
            </Button>
          </div>
        ) : null}
      </Panel>
    </>
  );
}
