import { isDeepStrictEqual } from 'node:util';
import { CulvertError, type Logger } from '@culvert/base';
import { assertId, type Keys } from '../keys.ts';
import { Fields } from '../redis/fields.ts';
import type { ScriptRunner } from '../redis/script-runner.ts';
import { type ApiKey, EMPTY_SETTINGS, readApiKey, readTenant, type SettingsSnapshot, type Tenant } from './records.ts';

/** Somebody else changes the settings at the same moment a few times at most; beyond that something is wrong. */
const MAX_ATTEMPTS = 8;

/** One record to store, or (without a body) to delete. */
type Operation =
  | { readonly collection: 'tenants'; readonly id: string; readonly record?: Tenant }
  | { readonly collection: 'keys'; readonly id: string; readonly record?: ApiKey };

export type SettingsListener = (snapshot: SettingsSnapshot) => void;

/**
 * `behind`: Redis came back older than what this process knows, which it keeps using; whoever keeps the settings
 * (`keepSettings`) puts them back. `diverged`: Redis lost the last changes and took others since. What it has is in force
 * now, with one exception: what was revoked stays revoked.
 */
export type RefreshOutcome = 'current' | 'adopted' | 'behind' | 'diverged';

/**
 * The settings: Redis holds them, every process keeps the newest snapshot that it has seen in memory and goes on
 * with it while Redis is away. A snapshot never gives way to an older one.
 */
export class SettingsStore {
  readonly #scripts: ScriptRunner;
  readonly #keys: Keys;
  readonly #logger: Logger;
  readonly #listeners = new Set<SettingsListener>();
  readonly #byHash = new Map<string, ApiKey>();
  readonly #byId = new Map<string, ApiKey>();
  readonly #tenants = new Map<string, Tenant>();
  #snapshot = EMPTY_SETTINGS;
  #loaded = false;
  /** Keys that are revoked, as this process knows and others may not. */
  #forgotten: readonly ApiKey[] = [];
  #divergedAt: number | undefined;
  /** Settles with the last read that began or waits to begin. */
  #reading: Promise<void> = Promise.resolve();
  /** The read that waits for the one on its way. */
  #next: Promise<RefreshOutcome> | undefined;

  constructor(scripts: ScriptRunner, keys: Keys, logger: Logger) {
    this.#scripts = scripts;
    this.#keys = keys;
    this.#logger = logger;
  }

  /** The newest that this process knows, also while Redis is away. */
  get snapshot(): SettingsSnapshot {
    return this.#snapshot;
  }

  get revision(): number {
    return this.#snapshot.revision;
  }

  /** False until the settings were read once, from Redis or from disk: before, an unknown key may be a good one. */
  get loaded(): boolean {
    return this.#loaded;
  }

  tenant(id: string): Tenant | undefined {
    return this.#tenants.get(id);
  }

  /** `hash`: SHA-256 of the secret, hex. Revoked and expired keys are found, too. */
  keyByHash(hash: string): ApiKey | undefined {
    return this.#byHash.get(hash);
  }

  /** Revoked and expired keys are found, too. */
  keyById(id: string): ApiKey | undefined {
    return this.#byId.get(id);
  }

  /** Called after each change of `snapshot`. Returns what removes the listener. */
  onChange(listener: SettingsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads Redis and returns the newest snapshot known. */
  async load(): Promise<SettingsSnapshot> {
    await this.refresh();
    return this.#snapshot;
  }

  /** Reads Redis. Calls share a read only if it begins after them: one on its way may have missed what they ask for. */
  refresh(): Promise<RefreshOutcome> {
    if (this.#next) return this.#next;
    const begin = (): Promise<RefreshOutcome> => {
      this.#next = undefined;
      return this.#read();
    };
    const read = this.#reading.then(begin);
    this.#next = read;
    this.#reading = read.then(
      () => undefined,
      () => undefined, // told to those who asked; the next read is tried all the same
    );
    return read;
  }

  /** Takes a snapshot from elsewhere (a disk, say) if it is newer than what is known. */
  adopt(snapshot: SettingsSnapshot): boolean {
    const newer = snapshot.revision > this.#snapshot.revision || !this.#loaded;
    this.#loaded = true;
    if (!newer) return false;
    this.#take(snapshot);
    return true;
  }

  #take(snapshot: SettingsSnapshot): void {
    this.#snapshot = snapshot;
    this.#tenants.clear();
    for (const tenant of snapshot.tenants) this.#tenants.set(tenant.id, tenant);
    this.#byHash.clear();
    this.#byId.clear();
    for (const key of snapshot.keys) {
      this.#byHash.set(key.hash, key);
      this.#byId.set(key.id, key);
    }
    for (const listener of this.#listeners) listener(snapshot);
  }

  /** Puts a snapshot into a Redis that knows less; `kept`: Redis's is as new or newer. */
  async restore(snapshot: SettingsSnapshot): Promise<'restored' | 'kept'> {
    const reply = await this.#scripts.run('settings_restore', this.#redisKeys(), {
      revision: snapshot.revision,
      tenants: Object.fromEntries(snapshot.tenants.map((tenant) => [tenant.id, JSON.stringify(tenant)])),
      keys: Object.fromEntries(snapshot.keys.map((key) => [key.id, JSON.stringify(key)])),
    });
    const outcome = reply.oneOf('outcome', ['restored', 'kept']);
    if (outcome === 'restored') {
      const fields = { event: 'settings.restored', revision: snapshot.revision };
      this.#logger.warn(fields, 'Redis had lost settings; the newest known were put back');
      this.adopt(snapshot);
    }
    return outcome;
  }

  /** Revokes for all what only this process knows to be revoked, after `behind` (and `restore`) or `diverged`. */
  async revokeAgain(): Promise<void> {
    const keys = this.#forgotten;
    if (keys.length === 0) return;
    await this.#change((now) => keys.filter(({ id }) => now.keys.some((key) => key.id === id)).map(putKey));
    this.#forgotten = [];
  }

  /** Rejects with `tenant_exists`. */
  createTenant(tenant: Tenant): Promise<SettingsSnapshot> {
    return this.#change((now) => {
      if (now.tenants.some(({ id }) => id === tenant.id)) throw new CulvertError('tenant_exists');
      return [putTenant(tenant)];
    });
  }

  putTenant(tenant: Tenant): Promise<SettingsSnapshot> {
    return this.#change(() => [putTenant(tenant)]);
  }

  /** What is not named stays. Claims go by the new limits at once. Rejects with `tenant_not_found`. */
  changeTenant(
    id: string,
    change: { readonly name?: string; readonly limits?: Partial<Tenant['limits']> },
  ): Promise<SettingsSnapshot> {
    return this.#change((now) => {
      const tenant = tenantOf(now, id);
      const changed = { ...tenant, ...change, limits: { ...tenant.limits, ...change.limits } };
      return isDeepStrictEqual(changed, tenant) ? [] : [putTenant(changed)];
    });
  }

  /** Pins the tenant to a pool, or to those that it spills to when that is full; null unpins it. Rejects with `tenant_not_found`. */
  pinTenant(id: string, pool: string | null, spill: readonly string[] = []): Promise<SettingsSnapshot> {
    return this.#change((now) => [putTenant({ ...tenantOf(now, id), pool, spill })]);
  }

  /** Its keys go with it. Rejects with `tenant_not_found`. */
  deleteTenant(id: string): Promise<SettingsSnapshot> {
    return this.#change((now) => [
      { collection: 'tenants', id: tenantOf(now, id).id },
      ...now.keys.filter((key) => key.tenant === id).map((key) => ({ collection: 'keys' as const, id: key.id })),
    ]);
  }

  /** Rejects with `tenant_not_found` for a key of a tenant that does not exist. */
  putKey(key: ApiKey): Promise<SettingsSnapshot> {
    return this.#change((now) => {
      if (key.tenant !== null) tenantOf(now, key.tenant);
      return [putKey(key)];
    });
  }

  /** Revoking twice keeps the first time. Rejects with `key_not_found`. */
  revokeKey(id: string, revokedAt: number): Promise<SettingsSnapshot> {
    return this.#change((now) => {
      const key = keyOf(now, id);
      return key.revokedAt === null ? [putKey({ ...key, revokedAt })] : [];
    });
  }

  /** Forgets a key altogether. Prefer `revokeKey`: a revoked key gets a better answer. Rejects with `key_not_found`. */
  deleteKey(id: string): Promise<SettingsSnapshot> {
    return this.#change((now) => [{ collection: 'keys', id: keyOf(now, id).id }]);
  }

  async #read(): Promise<RefreshOutcome> {
    const reply = await this.#scripts.run('settings_read', this.#redisKeys());
    const revision = reply.integer('revision');
    const tenants = reply.texts('tenants').map((text) => readTenant(Fields.parse(text, 'tenant')));
    const keys = reply.texts('keys').map((text) => readApiKey(Fields.parse(text, 'key')));
    const read = { revision, tenants, keys };
    if (revision < this.revision) {
      // It is about to be replaced by what this process knows; what was revoked there meanwhile stays revoked here.
      const revoked = forgottenRevocations(read, this.#snapshot);
      if (revoked.length > 0) this.#revoke(this.#snapshot, revoked);
      return 'behind';
    }
    const forgotten = forgottenRevocations(this.#snapshot, read);
    const isSame = revision > this.revision || !this.#loaded || sameRecords(this.#snapshot, read);
    if (forgotten.length === 0 && isSame) return this.adopt(read) ? 'adopted' : 'current';
    this.#diverge(read, forgotten);
    return 'diverged';
  }

  #diverge(read: SettingsSnapshot, forgotten: readonly ApiKey[]): void {
    this.#revoke(read, forgotten);
    if (this.#divergedAt === read.revision) return;
    this.#divergedAt = read.revision;
    this.#logger.warn(
      { event: 'settings.diverged', revision: read.revision, revoked: forgotten.map(({ id }) => id) },
      'Redis lost changes of settings and has others since: those are in force, and what was revoked stays revoked',
    );
  }

  #revoke(snapshot: SettingsSnapshot, revoked: readonly ApiKey[]): void {
    this.#forgotten = revoked;
    this.#take({ ...snapshot, keys: snapshot.keys.map((key) => revoked.find(({ id }) => id === key.id) ?? key) });
  }

  /** `plan` works out what to write from what is known; it is asked again if somebody else was faster. */
  async #change(plan: (now: SettingsSnapshot) => Operation[]): Promise<SettingsSnapshot> {
    if (!this.#loaded) await this.refresh();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const now = this.#snapshot;
      const operations = plan(now);
      if (operations.length === 0) return now;
      const reply = await this.#scripts.run('settings_write', this.#redisKeys(), {
        expected: now.revision,
        operations: operations.map(({ collection, id, record }) => ({
          collection,
          id,
          body: record && JSON.stringify(record),
        })),
      });
      const outcome = reply.oneOf('outcome', ['applied', 'behind', 'conflict']);
      if (outcome === 'applied') {
        const after = apply(now, operations);
        this.adopt(after);
        return after;
      }
      if (outcome === 'behind') await this.restore(now);
      else await this.refresh();
    }
    throw new CulvertError('registry_unavailable', 'the settings change too often; try again', {
      retryAfterSeconds: 1,
    });
  }

  #redisKeys(): string[] {
    return [this.#keys.settings, this.#keys.tenants, this.#keys.apiKeys];
  }
}

/** Keys that `known` has as revoked and `read` has as good: revoking is for ever, so `read` comes from before it. */
function forgottenRevocations(known: SettingsSnapshot, read: SettingsSnapshot): ApiKey[] {
  const good = new Set(read.keys.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id));
  return known.keys.filter(({ id, revokedAt }) => revokedAt !== null && good.has(id));
}

/** Redis keeps the records of a hash in no order. */
function sameRecords(a: SettingsSnapshot, b: SettingsSnapshot): boolean {
  const byId = ({ tenants, keys }: SettingsSnapshot) =>
    [...tenants, ...keys].toSorted((x, y) => (x.id < y.id ? -1 : 1));
  return isDeepStrictEqual(byId(a), byId(b));
}

function putTenant(record: Tenant): Operation {
  assertId('a tenant id', record.id);
  return { collection: 'tenants', id: record.id, record };
}

function putKey(record: ApiKey): Operation {
  assertId('a key id', record.id);
  return { collection: 'keys', id: record.id, record };
}

function tenantOf(now: SettingsSnapshot, id: string): Tenant {
  const found = now.tenants.find((tenant) => tenant.id === id);
  if (!found) throw new CulvertError('tenant_not_found');
  return found;
}

function keyOf(now: SettingsSnapshot, id: string): ApiKey {
  const found = now.keys.find((key) => key.id === id);
  if (!found) throw new CulvertError('key_not_found');
  return found;
}

/** What `settings_write.lua` makes of `now`; exact, because it applies to the expected revision only. */
function apply(now: SettingsSnapshot, operations: readonly Operation[]): SettingsSnapshot {
  const tenants = new Map(now.tenants.map((tenant) => [tenant.id, tenant]));
  const keys = new Map(now.keys.map((key) => [key.id, key]));
  for (const operation of operations) {
    if (operation.collection === 'tenants') set(tenants, operation.id, operation.record);
    else set(keys, operation.id, operation.record);
  }
  return { revision: now.revision + 1, tenants: [...tenants.values()], keys: [...keys.values()] };
}

function set<T>(records: Map<string, T>, id: string, record: T | undefined): void {
  if (record === undefined) records.delete(id);
  else records.set(id, record);
}
