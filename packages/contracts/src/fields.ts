import { type TSchema, Type } from 'typebox';

/** A session's name: unique within its tenant. */
export const SessionName = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$',
  description: '1 to 63 of a-z, 0-9, and inside - . _',
});

/** Ids that people choose: of tenants, pools and nodes. */
export const ChosenId = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$',
  description: '1 to 63 of a-z, 0-9, and inside - . _',
});

/** Ids that Culvert makes. */
export const MadeId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,63}$' });

export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' });

const MAX_LABELS = 16;

/** What a tenant wants to find its sessions by. */
export const Labels = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$' }),
  Type.String({ maxLength: 128 }),
  { maxProperties: MAX_LABELS, additionalProperties: false, description: `At most ${MAX_LABELS}, short.` },
);

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A page of a list; `next` is the cursor of the one after it. */
export const Page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Nullable(Type.String()) });
