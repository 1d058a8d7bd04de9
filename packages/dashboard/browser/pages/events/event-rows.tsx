import { memo } from 'preact/compat';
import { When } from '../../ui/time.tsx';
import { addressOf, EVERYTHING } from './event-filter.ts';
import { eventTone } from './event-tone.ts';
import { type EventRow, keyOf } from './event-window.ts';
import { EventWords } from './event-words.tsx';

interface EventRowsProps {
  readonly rows: readonly EventRow[];
  /** The one that the page was opened for. */
  readonly at: string | undefined;
}

/** The newest first. */
export function EventRows({ rows, at }: EventRowsProps) {
  return (
    <ol class="events-list" aria-label="Events, the newest first">
      {rows.map((row) => (
        <Row key={keyOf(row)} row={row} isAt={row.id === at} />
      ))}
    </ol>
  );
}

/** Drawn once: a row never changes, and there may be a thousand. */
const Row = memo(({ row, isAt }: { readonly row: EventRow; readonly isAt: boolean }) => {
  if (row.kind === 'gap') return <li class="events-gap">Events may be missing here.</li>;
  const { event } = row;
  const type = event.type === 'unknown' ? event.name : event.type;
  return (
    <li class={isAt ? 'events-row events-at' : 'events-row'} aria-current={isAt ? 'true' : undefined}>
      <span class="events-when faint">
        <When at={event.at} />
      </span>
      <code class={`events-type ${eventTone(event)}`}>{type}</code>
      <span class="events-words">
        <EventWords event={event} />
      </span>
      <a class="events-link faint" href={addressOf(EVERYTHING, row.id)} aria-label={`Link to this event, ${type}`}>
        #
      </a>
    </li>
  );
});
