import { absolute, duration, relative } from '../format/times.ts';
import { useNow } from './now.ts';

/** When: relative, and absolute where the pointer rests. `at`: ISO 8601, or ms since 1970. */
export function When({ at }: { readonly at: string | number }) {
  const now = useNow();
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={absolute(ms)}>
      {relative(ms, now)}
    </time>
  );
}

/** How long since: `3 min`. */
export function Since({ at }: { readonly at: string | number }) {
  const now = useNow();
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={absolute(ms)}>
      {duration(now - ms)}
    </time>
  );
}
