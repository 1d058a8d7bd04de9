import { useMutation } from '@tanstack/preact-query';
import { counted } from '../../format/quantities.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { announce } from '../../ui/toast.tsx';
import { allEvents } from './all-events.ts';
import { downloadText } from './download.ts';
import type { EventFilter } from './event-filter.ts';
import { readEvents } from './use-events.ts';

/** All that the filter lets through, not only what is on the page: one JSON object a line, the oldest first. */
export function EventDownload({ filter }: { readonly filter: EventFilter }) {
  const download = useMutation({
    mutationFn: () => allEvents((after) => readEvents(filter, { after, order: 'asc', limit: '500' })),
    onSuccess: ({ lines, count }) => {
      downloadText('culvert-events.jsonl', 'application/jsonl', lines);
      announce(`Downloaded ${counted(count, 'event')}.`);
    },
  });
  return (
    <>
      <Button onClick={() => download.mutate()} busy={download.isPending}>
        Download as JSON lines
      </Button>
      {download.error === null ? null : <ProblemNote error={download.error} />}
    </>
  );
}
