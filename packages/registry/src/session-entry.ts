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
  const connectedAt = entry.integer('f');
  return {
    id,
    name: entry.textOr('n', null),
    tenant: entry.text('t'),
    state: live ? said : 'offline',
    node: live ? text.slice(0, hash) : null,
    boot: live ? text.slice(hash + 1, space) : null,
    pool: entry.textOr('p', 'default'),
    epoch: entry.integer('e'),
    connections: live ? entry.integerOr('c', 0) : 0,
    bytesIn: entry.integerOr('i', 0),
    bytesOut: entry.integerOr('o', 0),
    connectedAt,
    changedAt: connectedAt + entry.integerOr('h', 0),
    labels: entry.fields('l').strings(),
    agentId: entry.text('a'),
    keyId: entry.text('k'),
  };
}
