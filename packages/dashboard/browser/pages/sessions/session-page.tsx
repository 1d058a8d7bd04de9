import './sessions.css';
import type { Session } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { answerOf, api } from '../../api/client.ts';
import { useClusterEvents } from '../../api/live.ts';
import { useMay } from '../../api/me.ts';
import { ApiProblem } from '../../api/problem.ts';
import { Button } from '../../ui/button.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { ConnectionsPanel } from './connections-panel.tsx';
import { Facts } from './facts.tsx';
import { GoneNote } from './gone-note.tsx';
import { isOfSession } from './history.ts';
import { HistoryPanel } from './history-panel.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { ThroughputPanel } from './throughput-panel.tsx';
import { TracesPanel } from './traces-panel.tsx';
import { useHistory } from './use-history.ts';
import { type LiveView, useLiveSession } from './use-live-session.ts';
import { WaysInPanel } from './ways-in-panel.tsx';

/** One session: what it is, what it carries, what befell it, and what can be done with it. */
export default function SessionPage() {
  const { id = '' } = useRoute().params;
  return <SessionView key={id} id={id} />;
}

function SessionView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['session', id],
    queryFn: () => answerOf(api.GET('/v1/sessions/{id}', { params: { path: { id } } })),
  });
  const missing = error instanceof ApiProblem && (error.status === 404 || error.status === 400);
  const view = useLiveSession(id, data !== undefined && !missing);
  const history = useHistory(id);
  useClusterEvents((event) => {
    // One that was gone is back.
    if (missing && isOfSession(event, id)) void refetch();
  });
  const session = view.live?.session ?? data;
  const gone = missing || view.gone;
  if (session === undefined || missing) {
    return (
      <Page title="Session">
        {missing ? <GoneNote id={id} history={history} /> : null}
        {missing && history.events?.length !== 0 ? <HistoryPanel session={id} history={history} /> : null}
        {missing ? <TracesPanel session={id} /> : null}
        {error === null || missing ? null : <ProblemNote error={error} retry={() => void refetch()} />}
        {error === null ? <Loading what="the session" /> : null}
      </Page>
    );
  }
  return (
    <Page title={session.name ?? session.id} actions={gone ? null : <Actions session={session} />}>
      {gone ? <GoneNote id={id} history={history} /> : <Now session={session} view={view} />}
      <HistoryPanel session={id} history={history} />
      <TracesPanel session={id} />
    </Page>
  );
}

function Now({ session, view }: { readonly session: Session; readonly view: LiveView }) {
  const { operate } = useMay();
  return (
    <>
      {view.feed === 'lost' ? (
        <p class="sessions-trouble" role="status">
          Not live: what is shown is from before, and is tried again.
        </p>
      ) : null}
      <Facts session={session} trouble={view.live?.trouble ?? null} />
      <ConnectionsPanel view={view} />
      <ThroughputPanel samples={view.samples} />
      {operate ? <WaysInPanel session={session.id} /> : null}
    </>
  );
}

function Actions({ session }: { readonly session: Session }) {
  const { operate } = useMay();
  const [dialog, setDialog] = useState<'none' | 'close' | 'move'>('none');
  if (!operate) return null;
  const close = (): void => setDialog('none');
  return (
    <>
      {session.node === null ? null : <Button onClick={() => setDialog('move')}>Move</Button>}
      <Button kind="danger" onClick={() => setDialog('close')}>
        Close session
      </Button>
      {dialog === 'close' ? <CloseDialog session={session} onClose={close} /> : null}
      {dialog === 'move' ? <MoveDialog session={session} onClose={close} /> : null}
    </>
  );
}
