import './sessions.css';
import { useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useLiveCluster } from '../../api/live.ts';
import { count, counted } from '../../format/quantities.ts';
import { Button } from '../../ui/button.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { NoMatch, NoSessions } from './no-sessions.tsx';
import { addressOf, EVERYTHING, filterOf, isFiltered, type SessionFilter } from './session-filter.ts';
import { SessionFilters } from './session-filters.tsx';
import { SessionTable } from './session-table.tsx';
import { type Sessions, useSessions } from './use-sessions.ts';

/** Every session of the cluster, by whatever is known of it. The address holds what is looked for. */
export default function SessionsPage() {
  const { query, route } = useLocation();
  const filter = useMemo(() => filterOf(query), [JSON.stringify(query)]);
  const { cursor = '' } = query;
  const sessions = useSessions(filter, cursor);
  const look = (next: SessionFilter): void => {
    // One entry of the browser's history for each thing looked for, none for what changed nothing.
    if (addressOf(next) !== addressOf(filter)) route(addressOf(next));
  };
  return (
    <Page title="Sessions" actions={<Totals />}>
      <SessionFilters filter={filter} onChange={look} />
      {sessions.error === null ? null : <ProblemNote error={sessions.error} retry={sessions.refresh} />}
      <Found sessions={sessions} filter={filter} cursor={cursor} onAll={() => look(EVERYTHING)} />
    </Page>
  );
}

/** Of the whole cluster, whatever is looked for. */
function Totals() {
  const totals = useLiveCluster()?.totals;
  if (totals === undefined) return null;
  return (
    <p class="faint">
      {counted(totals.sessions, 'session')} in the cluster, {count(totals.busy)} busy,{' '}
      {counted(totals.connections, 'connection')}
    </p>
  );
}

interface FoundProps {
  readonly sessions: Sessions;
  readonly filter: SessionFilter;
  readonly cursor: string;
  readonly onAll: () => void;
}

function Found({ sessions, filter, cursor, onAll }: FoundProps) {
  const { shown, next, error, stale } = sessions;
  if (shown === undefined) return error === null ? <Loading what="sessions" /> : null;
  const { length } = shown.rows;
  const all = next === null && cursor === '';
  return (
    <div class="sessions-found" aria-busy={stale}>
      <p class="sessions-count">
        <span role="status">
          {length === 0 ? 'None found' : all ? `${counted(length, 'session')} found` : `${count(length)} on this page`}
        </span>
        <Changes sessions={sessions} />
      </p>
      {length > 0 ? <SessionTable rows={shown.rows} /> : null}
      {length === 0 && next === null && (isFiltered(filter) || cursor !== '') ? <NoMatch onAll={onAll} /> : null}
      {length === 0 && next === null && !isFiltered(filter) && cursor === '' ? <NoSessions /> : null}
      <nav class="actions" aria-label="Pages of the list">
        {cursor === '' ? null : (
          <a class="button plain" href={addressOf(filter)}>
            First page
          </a>
        )}
        {next === null ? null : (
          <a class="button plain" href={addressOf(filter, next)}>
            {length === 0 ? 'Look further' : 'Next page'}
          </a>
        )}
      </nav>
    </div>
  );
}

/** Rows that came or went since the list was filled; it is filled anew when the person wants it. */
function Changes({ sessions: { shown, refresh } }: { readonly sessions: Sessions }) {
  const changes = shown?.changes ?? 0;
  if (changes === 0) return null;
  return (
    <Button kind="quiet" onClick={refresh}>
      {counted(changes, 'change')} · refresh
    </Button>
  );
}
