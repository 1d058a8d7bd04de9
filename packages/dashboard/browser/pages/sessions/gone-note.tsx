import { When } from '../../ui/time.tsx';
import { endOf } from './history.ts';
import type { SessionHistory } from './use-history.ts';

interface GoneNoteProps {
  readonly id: string;
  readonly history: SessionHistory;
}

/** Instead of a bare `not found`: since when, and why, as far as the history goes back. */
export function GoneNote({ id, history: { events } }: GoneNoteProps) {
  const end = events && endOf(events);
  return (
    <div class="empty" role="status">
      <p>
        <strong>{events?.length === 0 ? 'There is no such session.' : 'This session is gone.'}</strong>
      </p>
      {end === undefined ? null : (
        <p>
          It was closed <When at={end.at} />: {end.why}.
        </p>
      )}
      {events?.length === 0 ? (
        <p>
          Nothing is known of <code>{id}</code>: the id may be wrong, or it closed so long ago that the history has it
          no more.
        </p>
      ) : (
        <p>This page shows it again as soon as it is back.</p>
      )}
      <p>
        <a href="/sessions">All sessions</a>
      </p>
    </div>
  );
}
