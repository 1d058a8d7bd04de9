import { CulvertError } from '@culvert/base';
import { Fields } from './redis/fields.ts';
import type { SessionState, SessionView } from './types.ts';

const STATES: readonly SessionState[] = ['idle', 'busy', 'offline'];

/** Reads an entry as shared.lua writes it, `node#boot {json}`; `live`: its owner's lease lives. */
export function readEntry(id: string, text: string, live: boolean): SessionView {
  const space = text.indexOf(' ');
  const hash = text.indexOf('#');
  if (hash < 1 || space < hash)
    throw new CulvertError('internal', `unexpected data in Redis: session ${id} has no owner`);
  const entry = Fields.parse(text.slice(space + 1), `session ${id}`);
  const said = entry.oneOf('s', STATES);
  return {
    id,
    name: entry.textOr('n', null),
    tenant: entry.text('t'),
    state: live ? said : 'offline',
    node: live ? text.slice(0, hash) : null,
    boot: live ? text.slice(hash + 1, space) : null,
    pool: entry.text('p'),
    epoch: entry.integer('e'),
    connections: live ? entry.integer('c') : 0,
    bytesIn: entry.integer('i'),
    bytesOut: entry.integer('o'),
    connectedAt: entry.integer('f'),
    changedAt: entry.integer('h'),
    labels: entry.fields('l').strings(),
    agentId: entry.text('a'),
    keyId: entry.text('k'),
  };
}
