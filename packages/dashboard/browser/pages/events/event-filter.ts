import type { ClusterEvent } from '@culvert/contracts';
import { EVENT_TYPES } from '../../api/event-types.ts';

/** What of the history is shown; '' is all. The same names are in the page's address and in the API's query. */
export interface EventFilter {
  /** `node.state`, or `node.*` for all that begin so. */
  readonly types: string;
  readonly session: string;
  readonly node: string;
  readonly tenant: string;
}

export const EVERYTHING: EventFilter = { types: '', session: '', node: '', tenant: '' };
const NAMES = ['types', 'session', 'node', 'tenant'] as const;
/** Fields that hold a node's id, as the API looks at them. */
const NODE_FIELDS = ['node', 'from', 'owner'];

export function filterOf(query: Readonly<Record<string, string | undefined>>): EventFilter {
  const { types = '', session = '', node = '', tenant = '' } = query;
  return { types, session, node, tenant };
}

/** What is chosen, for an address or the API. */
export function chosen(filter: EventFilter): Partial<Record<keyof EventFilter, string>> {
  return Object.fromEntries(NAMES.filter((name) => filter[name] !== '').map((name) => [name, filter[name]]));
}

/** `/events?types=node.*&node=w1` */
export function addressOf(filter: EventFilter, at?: string): string {
  const query = new URLSearchParams({ ...chosen(filter), ...(at === undefined ? {} : { at }) }).toString();
  return query === '' ? '/events' : `/events?${query}`;
}

/** Would the API show it? For what comes by the stream, which is the same for every page. */
export function isWanted(event: ClusterEvent, { types, session, node, tenant }: EventFilter): boolean {
  const type = event.type === 'unknown' ? event.name : event.type;
  const fields: Readonly<Record<string, unknown>> = event.type === 'unknown' ? event.fields : { ...event };
  if (types !== '' && !types.split(',').some((wanted) => isType(type, wanted))) return false;
  if (session !== '' && fields.session !== session) return false;
  if (tenant !== '' && fields.tenant !== tenant) return false;
  return node === '' || NODE_FIELDS.some((name) => fields[name] === node);
}

function isType(type: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** As the API takes them: ids that Culvert makes, and ids that people choose. */
const MADE_ID = /^[A-Za-z0-9_-]{1,63}$/;
const CHOSEN_ID = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** What can't be an id, in words, by its field. */
export function problemsIn({ session, node, tenant }: EventFilter): Partial<Record<keyof EventFilter, string>> {
  const chosenId = 'An id has only a-z, 0-9, and inside - . _';
  return {
    ...(session === '' || MADE_ID.test(session) ? {} : { session: 'An id has only letters, digits, - and _' }),
    ...(node === '' || CHOSEN_ID.test(node) ? {} : { node: chosenId }),
    ...(tenant === '' || CHOSEN_ID.test(tenant) ? {} : { tenant: chosenId }),
  };
}

/** All, each group, and each single type below its group. */
export const TYPE_CHOICES: readonly { readonly value: string; readonly label: string }[] = [
  { value: '', label: 'all' },
  ...[
    ...Map.groupBy(
      EVENT_TYPES.filter((type) => type !== 'unknown'),
      (type) => type.split('.', 1)[0] ?? '',
    ),
  ].flatMap(([group, types]) => [
    { value: `${group}.*`, label: `${group}: all` },
    ...types.map((type) => ({ value: type, label: `${group}: ${type.slice(group.length + 1)}` })),
  ]),
];
