import type { ClusterEventList } from '@culvert/contracts';

/** As many as the history keeps. */
const MAX_EVENTS = 25_000;

/** Reads page after page, from the oldest on; one JSON object a line. */
export async function allEvents(
  read: (after: string) => Promise<ClusterEventList>,
): Promise<{ lines: string; count: number }> {
  const lines: string[] = [];
  let after: string | null = '0';
  while (after !== null && lines.length < MAX_EVENTS) {
    const page: ClusterEventList = await read(after);
    for (const event of page.items) lines.push(`${JSON.stringify(event)}\n`);
    after = page.next;
  }
  return { lines: lines.join(''), count: lines.length };
}
