import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable, Page, Timestamp } from './fields.ts';

export const Limits = Type.Object({
  sessions: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Sessions open at once.' }),
  connectionsPerSession: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Connections open at once.' }),
});
export type Limits = Static<typeof Limits>;

export const Tenant = Type.Object({
  id: ChosenId,
  name: Type.String(),
  createdAt: Timestamp,
  pool: Nullable(Type.String({ description: 'The pool that it is pinned to; null: any.' })),
  limits: Limits,
});
export type Tenant = Static<typeof Tenant>;

export const TenantList = Page(Tenant);
export type TenantList = Static<typeof TenantList>;

export const CreateTenantBody = Type.Object({
  id: ChosenId,
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  limits: Type.Optional(Type.Partial(Limits)),
});
export type CreateTenantBody = Static<typeof CreateTenantBody>;

export const PinBody = Type.Object({ pool: ChosenId });
export type PinBody = Static<typeof PinBody>;

export const KeyRole = Type.Union([Type.Literal('admin'), Type.Literal('operator'), Type.Literal('agent')]);
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
