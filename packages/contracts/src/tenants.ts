import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';

/**
 * The tenant of the deploy worker's own sessions, by which new workers are verified. It is reserved: nobody can create or
 * delete it. It alone may be served on a cordoned worker, and in every pool.
 */
export const CANARY_TENANT = 'culvert-canary';

export const Limits = Type.Object({
  sessions: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Sessions open at once.' }),
  connectionsPerSession: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Connections open at once.' }),
});
export type Limits = Static<typeof Limits>;

/** What becomes of a session for which the tenant's pool has no room. */
export const WhenFull = Type.Union([Type.Literal('wait'), Type.Literal('spill')]);
export type WhenFull = Static<typeof WhenFull>;

export const Tenant = Type.Object({
  id: ChosenId,
  name: Type.String(),
  createdAt: Timestamp,
  pool: Nullable(Type.String({ description: 'The pool that it is pinned to; null: served in the pool default.' })),
  whenFull: WhenFull,
  spill: Type.Array(Type.String(), { description: 'Pools to which new sessions go when its own is full, in order.' }),
  limits: Limits,
});
export type Tenant = Static<typeof Tenant>;

/** `PATCH /tenants/:id`: what is named is changed. */
export const ChangeTenantBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    limits: Type.Optional(Type.Partial(Limits, { additionalProperties: false })),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type ChangeTenantBody = Static<typeof ChangeTenantBody>;

/** `GET /tenants/:id/usage`: of its sessions now, and of its connections over the last hour. */
export const TenantUsage = Type.Object({
  tenant: Type.String(),
  at: Timestamp,
  sessions: Type.Object({
    total: Type.Integer({ description: 'All that its limit counts.' }),
    counted: Type.Integer({
      description: 'Of those, the ones that were looked at for what follows: 20,000 at most.',
    }),
    idle: Type.Integer(),
    busy: Type.Integer(),
    offline: Type.Integer(),
  }),
  connections: Type.Integer({ description: 'Open now.' }),
  busiest: Nullable(
    Type.Object(
      { session: MadeId, connections: Type.Integer() },
      { description: 'Nearest to the limit of one session.' },
    ),
  ),
  lastHour: Type.Object({
    opened: Type.Integer(),
    failed: Type.Integer({ description: 'Not opened, by Culvert’s fault.' }),
    excused: Type.Integer({ description: 'Not opened, for another reason.' }),
    lost: Type.Integer({ description: 'Broken off by Culvert.' }),
    bytesIn: Nullable(Type.Integer({ description: 'From the browsers; null: not counted.' })),
    bytesOut: Nullable(Type.Integer()),
  }),
  nodes: Type.Array(Type.Object({ node: Type.String(), sessions: Type.Integer() }), {
    description: 'That serve it now, the one with most first.',
  }),
});
export type TenantUsage = Static<typeof TenantUsage>;

/** As the list has it. */
export const ListedTenant = Type.Object({
  ...Tenant.properties,
  sessions: Nullable(Type.Integer({ description: 'Open now; null: the registry can’t be asked.' })),
  keys: Type.Integer({ description: 'That are in force.' }),
});
export type ListedTenant = Static<typeof ListedTenant>;

export const TenantList = Page(ListedTenant);
export type TenantList = Static<typeof TenantList>;

export const CreateTenantBody = Type.Object({
  id: ChosenId,
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  limits: Type.Optional(Type.Partial(Limits)),
});
export type CreateTenantBody = Static<typeof CreateTenantBody>;

/** `spill` without `whenFull` means `spill`; neither means `wait`. */
export const PinBody = Type.Object({
  pool: ChosenId,
  whenFull: Type.Optional(WhenFull),
  spill: Type.Optional(Type.Array(ChosenId, { maxItems: 8, description: 'Other pools, in order.' })),
});
export type PinBody = Static<typeof PinBody>;

/** `viewer` reads what an operator may read, save secrets, and changes nothing. */
export const KeyRole = Type.Union([
  Type.Literal('admin'),
  Type.Literal('operator'),
  Type.Literal('viewer'),
  Type.Literal('agent'),
]);
export type KeyRole = Static<typeof KeyRole>;

/** A key as everybody but its maker sees it: without its secret. */
export const ApiKey = Type.Object({
  id: MadeId,
  tenant: Nullable(Type.String()),
  role: KeyRole,
  label: Type.String(),
  createdAt: Timestamp,
  expiresAt: Nullable(Timestamp),
  revokedAt: Nullable(Timestamp),
});
export type ApiKey = Static<typeof ApiKey>;

export const ApiKeyList = Page(ApiKey);
export type ApiKeyList = Static<typeof ApiKeyList>;

export const CreateKeyBody = Type.Object({
  role: Type.Optional(KeyRole),
  label: Type.Optional(Type.String({ maxLength: 128 })),
  expiresAt: Type.Optional(Timestamp),
  ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
});
export type CreateKeyBody = Static<typeof CreateKeyBody>;

/** The only answer that ever holds the key itself. */
export const CreatedKey = Type.Object({ ...ApiKey.properties, key: Type.String({ description: 'Shown once.' }) });
export type CreatedKey = Static<typeof CreatedKey>;
