import { Badge } from '../../ui/badge.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { When } from '../../ui/time.tsx';
import { reasonOf, type SessionEvent } from './history.ts';
import type { SessionHistory } from './use-history.ts';

interface HistoryPanelProps {
  readonly session: string;
  readonly history: SessionHistory;
}

/** Opens, moves and closes, with their reasons. */
export function HistoryPanel({ session, history: { events, error, retry } }: HistoryPanelProps) {
  const all = <a href={`/events?session=${encodeURIComponent(session)}`}>Among all events</a>;
  return (
    <Panel title="History" actions={all}>
      {error === null ? null : <ProblemNote error={error} retry={retry} />}
      {events === undefined && error === null ? <Loading what="its history" /> : null}
      {events?.length === 0 ? (
        <Empty title="The history has nothing of it.">
          <p>It keeps the cluster’s last 20 000 events; what is older is in the logs.</p>
        </Empty>
      ) : null}
      {events === undefined || events.length === 0 ? null : (
        <ol class="sessions-history" aria-label="What befell the session, the newest first">
          {events.map((event) => (
            <li key={event.id}>
              <span class="faint">
                <When at={event.at} />
              </span>
              <Badge {...TONES[event.type]} />
              <span>
                <Words event={event} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

const TONES: Readonly<Record<SessionEvent['type'], { state: string; tone: 'good' | 'busy' | 'warn' | 'neutral' }>> = {
  'session.opened': { state: 'opened', tone: 'good' },
  'session.moved': { state: 'moved', tone: 'busy' },
  'session.closed': { state: 'closed', tone: 'neutral' },
  'session.fenced': { state: 'fenced', tone: 'warn' },
};

function Words({ event }: { readonly event: SessionEvent }) {
  switch (event.type) {
    case 'session.opened':
      return (
        <>
          on <Node id={event.node} />, epoch {event.epoch}
        </>
      );
    case 'session.moved':
      return (
        <>
          from <Node id={event.from} /> to <Node id={event.node} />, epoch {event.epoch}
        </>
      );
    case 'session.closed':
      return (
        <>
          on <Node id={event.node} />: {reasonOf(event.reason)} <code class="faint">{event.reason}</code>
        </>
      );
    case 'session.fenced':
      return (
        <>
          <Node id={event.node} /> still took it for its own; <Node id={event.owner} /> has it, epoch {event.ownerEpoch}
        </>
      );
  }
}

function Node({ id }: { readonly id: string }) {
  return <a href={`/nodes/${encodeURIComponent(id)}`}>{id}</a>;
}
