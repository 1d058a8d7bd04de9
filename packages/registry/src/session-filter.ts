import { CANARY_TENANT } from '@culvert/contracts';
import type { SessionFilter, SessionView } from './types.ts';

/** Does the session pass the filter? Its node and tenant have been chosen by index already where they can be. */
export function matchesSession(view: SessionView, filter: SessionFilter): boolean {
  if (filter.state !== undefined && view.state !== filter.state) return false;
  if (filter.tenant !== undefined && view.tenant !== filter.tenant) return false;
  if (filter.tenant === undefined && filter.canary !== true && view.tenant === CANARY_TENANT) return false;
  if (filter.label !== undefined && !hasLabel(view, filter.label)) return false;
  if (filter.q === undefined || filter.q === '') return true;
  const q = filter.q.toLowerCase();
  return [view.id, view.name ?? '', view.tenant, ...Object.values(view.labels)].some((text) =>
    text.toLowerCase().includes(q),
  );
}

function hasLabel({ labels }: SessionView, { key, value }: NonNullable<SessionFilter['label']>): boolean {
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/**
 * What must stand, in lower case, in the id or the stored text of each session that `matchesSession` lets pass: with it
 * Redis leaves out nearly all that nobody wants, which saves reading them. More may pass, so what is read is looked at again.
 */
export function needlesOf({ q, state, label }: SessionFilter): string[] {
  const needles: (string | undefined)[] = [];
  if (q !== undefined && q !== '') needles.push(stored(q));
  // Of one that is offline the entry may say anything: its owner died.
  if (state === 'idle' || state === 'busy') needles.push(`"s":"${state}"`);
  if (label !== undefined) {
    const key = stored(label.key);
    const value = label.value === undefined ? undefined : stored(label.value);
    if (key !== undefined) needles.push(value === undefined ? `"${key}":` : `"${key}":"${value}"`);
  }
  return needles.filter((needle) => needle !== undefined).map((needle) => needle.toLowerCase());
}

/** Text as cjson writes it into an entry; undefined for what it writes otherwise than it is, or Lua knows no lower case of. */
function stored(text: string): string | undefined {
  return /^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text) ? text.replaceAll('/', '\\/') : undefined;
}
