import { type ClusterEvent, ClusterEvents } from '@culvert/contracts';
import type { EventEntry } from '@culvert/registry';
import { type TProperties, Type } from 'typebox';
import { iso } from '../views.ts';

const OWN = new Set(['id', 'at', 'type']);

/** An entry as the API tells it: with the fields of its type, or as `unknown` with all that it has. */
export function toClusterEvent({ id, type, fields }: EventEntry): ClusterEvent {
  const head = { id, at: iso(Number(id.split('-', 1)[0])) };
  const values = isKnown(type) ? typed(ClusterEvents[type].properties, fields) : undefined;
  if (values === undefined) return { ...head, type: 'unknown', name: type, fields: { ...fields } };
  // `typed` has looked at every property of this type's schema.
  return { ...head, type, ...values } as ClusterEvent;
}

function isKnown(type: string): type is keyof typeof ClusterEvents {
  return Object.hasOwn(ClusterEvents, type);
}

/** undefined: one is missing, or is not what it should be. */
function typed(properties: TProperties, fields: EventEntry['fields']): Record<string, string | number> | undefined {
  const values: Record<string, string | number> = {};
  for (const [name, schema] of Object.entries(properties)) {
    if (OWN.has(name)) continue;
    const text = fields[name];
    if (text === undefined) return undefined;
    const value = Type.IsInteger(schema) ? integer(text) : text;
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return values;
}

function integer(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
