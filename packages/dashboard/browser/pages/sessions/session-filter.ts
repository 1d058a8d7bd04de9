import type { SessionState } from '@culvert/contracts';

/** What is looked for; '' is all. The same names are in the page's address and in the API's query. */
export interface SessionFilter {
  readonly q: string;
  readonly state: SessionState | '';
  readonly node: string;
  readonly tenant: string;
  /** `key` or `key=value`. */
  readonly label: string;
}

export const EVERYTHING: SessionFilter = { q: '', state: '', node: '', tenant: '', label: '' };
export const STATES: readonly SessionState[] = ['idle', 'busy', 'offline'];
const NAMES = ['q', 'state', 'node', 'tenant', 'label'] as const;
/** As ids are: the API refuses a node or tenant that can be none. */
const CHOSEN_ID = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const MAX_CHARS = { q: 128, label: 256 } as const;

/** From an address, which anybody may have written. */
export function filterOf(query: Readonly<Record<string, string | undefined>>): SessionFilter {
  const { q = '', node = '', tenant = '', label = '' } = query;
  const state = STATES.find((one) => one === query.state) ?? '';
  return { q: q.slice(0, MAX_CHARS.q), state, node, tenant, label: label.slice(0, MAX_CHARS.label) };
}

/** What is chosen, for an address or the API. */
export function chosen(filter: SessionFilter): Partial<Record<(typeof NAMES)[number], string>> {
  return Object.fromEntries(NAMES.filter((name) => filter[name] !== '').map((name) => [name, filter[name]]));
}

/** `/sessions?state=busy&tenant=acme`; `cursor`: the page of the list after it. */
export function addressOf(filter: SessionFilter, cursor = ''): string {
  const query = new URLSearchParams({ ...chosen(filter), ...(cursor === '' ? {} : { cursor }) }).toString();
  return query === '' ? '/sessions' : `/sessions?${query}`;
}

export function isFiltered(filter: SessionFilter): boolean {
  return NAMES.some((name) => filter[name] !== '');
}

/** As typed, without what is around it. */
export function trimmed({ q, state, node, tenant, label }: SessionFilter): SessionFilter {
  return { q: q.trim(), state, node: node.trim(), tenant: tenant.trim(), label: label.trim() };
}

/** Can't there be one, whatever is open? Half an id that ends in `-`, say: no question worth asking. */
export function isImpossible({ node, tenant }: SessionFilter): boolean {
  return [node, tenant].some((id) => id !== '' && !CHOSEN_ID.test(id));
}
