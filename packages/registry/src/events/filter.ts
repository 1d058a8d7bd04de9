import type { EventEntry } from './entry.ts';

/** Which entries are wanted: those that meet every part that is given. */
export interface EventFilter {
  /** `node.state`, or `session.*` for all that begin so. */
  readonly types?: readonly string[];
  readonly session?: string;
  /** A node's id: what it did, and what went to it or from it. */
  readonly node?: string;
  readonly tenant?: string;
}

/** Fields that hold a node's id. */
const NODE_FIELDS = ['node', 'from', 'owner'];

export function matchesFilter({ type, fields }: EventEntry, filter: EventFilter): boolean {
  const { types, session, node, tenant } = filter;
  if (types !== undefined && !types.some((wanted) => isType(type, wanted))) return false;
  if (session !== undefined && fields.session !== session) return false;
  if (tenant !== undefined && fields.tenant !== tenant) return false;
  return node === undefined || NODE_FIELDS.some((name) => fields[name] === node);
}

function isType(type: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
