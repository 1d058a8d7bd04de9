import type { ClusterEvent } from '@culvert/contracts';
import { type EventRef, eventParts } from '@culvert/contracts/event-words';

const PAGES: Readonly<Record<EventRef['kind'], string>> = {
  session: '/sessions/',
  tenant: '/tenants/',
  node: '/nodes/',
  deployment: '/deployments/',
};

/** What happened, in a sentence, with links to what it names. */
export function EventWords({ event }: { readonly event: ClusterEvent }) {
  return (
    <>
      {eventParts(event).map((part, i) =>
        typeof part === 'string' ? (
          part
        ) : (
          // By its place: a sentence never changes its parts.
          <a key={i} href={`${PAGES[part.kind]}${encodeURIComponent(part.id)}`}>
            {part.id}
          </a>
        ),
      )}
    </>
  );
}
