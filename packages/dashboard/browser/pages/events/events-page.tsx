import './events.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { count, counted } from '../../format/quantities.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { EventDownload } from './event-download.tsx';
import { addressOf, chosen, EVERYTHING, type EventFilter, filterOf } from './event-filter.ts';
import { EventFilters } from './event-filters.tsx';
import { EventRows } from './event-rows.tsx';
import { type EventWindow, MAX_ROWS } from './event-window.ts';
import { type Events, useEvents } from './use-events.ts';

export default function EventsPage() {
  const { query, route } = useLocation();
  const { at } = query;
  const asked = JSON.stringify(filterOf(query));
  const filter = useMemo<EventFilter>(() => JSON.parse(asked), [asked]);
  const events = useEvents(filter, at);
  return (
    <Page title="Events" actions={<EventDownload filter={filter} />}>
      {at === undefined ? (
        <EventFilters filter={filter} onChange={(next) => route(addressOf(next), true)} />
      ) : (
        <Permalink at={at} isThere={events.loading || events.window.rows.some(({ id }) => id === at)} />
      )}
      {at === undefined ? <Following events={events} /> : null}
      {events.error === undefined ? null : <ProblemNote error={events.error} retry={events.again} />}
      <List events={events} filter={filter} at={at} />
    </Page>
  );
}

function List({ events, filter, at }: { events: Events; filter: EventFilter; at: string | undefined }) {
  const { window, loading, error, older, newer } = events;
  useScrollTo(at, window.rows.length > 0);
  if (window.rows.length === 0) {
    if (loading) return <Loading what="events" />;
    return error === undefined ? <NoEvents filter={filter} /> : null;
  }
  return (
    <>
      {newer === undefined ? null : (
        <Button onClick={newer} busy={loading}>
          Newer
        </Button>
      )}
      <EventRows rows={window.rows} at={at} />
      {older === undefined ? null : (
        <Button onClick={older} busy={loading}>
          Older
        </Button>
      )}
      {window.rows.length >= MAX_ROWS ? (
        <p class="faint">
          A page has {count(MAX_ROWS)} events at most. Choose fewer above, or download them: the file has them all.
        </p>
      ) : null}
    </>
  );
}

function Permalink({ at, isThere }: { readonly at: string; readonly isThere: boolean }) {
  const address = new URL(addressOf(EVERYTHING, at), location.href).href;
  return (
    <div class="card events-permalink">
      <p>
        {isThere
          ? 'One event, with what happened just before and after it.'
          : 'This event is not in the history any more, which keeps the last 20,000; around it there was:'}
      </p>
      <Copy text={address} label="the address of this event" />
      <a href="/events">To what happens now</a>
    </div>
  );
}

function Following({ events: { window, paused, pause } }: { readonly events: Events }) {
  const held = window.held.filter(({ kind }) => kind === 'event').length;
  return (
    <div class="events-following">
      <Button onClick={() => pause(!paused)}>{paused ? 'Go on' : 'Pause'}</Button>
      <p class="faint">
        {paused ? `Paused; ${held === 0 ? 'nothing' : counted(held, 'event')} since.` : 'New events come on top.'}
      </p>
      <Arrivals window={window} />
    </div>
  );
}

const SAY_EVERY_MS = 5_000;

/** Tells those who do not see it that there is something new: now and then, and how much, not each event. */
function Arrivals({ window }: { readonly window: EventWindow }) {
  const [said, say] = useState('');
  const newest = useRef(window);
  newest.current = window;
  useEffect(() => {
    let told: string | undefined;
    const timer = setInterval(() => {
      const { rows } = newest.current;
      const place = rows.findIndex(({ id }) => id === told);
      if (told !== undefined && place > 0) say(`${counted(place, 'new event')}.`);
      told = rows[0]?.id;
    }, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="unseen" role="status">
      {said}
    </span>
  );
}

function NoEvents({ filter }: { readonly filter: EventFilter }) {
  if (Object.keys(chosen(filter)).length > 0) {
    return (
      <Empty title="Nothing of that kind has happened.">
        <p>The history keeps the last 20,000 events. Ids are compared whole.</p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has happened yet." command="npx culvert connect --name demo">
      <p>An agent that connects opens a session, which will be told here:</p>
    </Empty>
  );
}

function useScrollTo(at: string | undefined, isDrawn: boolean): void {
  useEffect(() => {
    if (at !== undefined && isDrawn) document.querySelector('.events-at')?.scrollIntoView({ block: 'center' });
  }, [at, isDrawn]);
}
