import type { SettingsStore } from '@culvert/registry';
import { type ClusterSecret, statusToken } from '@culvert/service';

/** Which tenant a token of a status page is of: computed anew whenever the settings have changed. */
export class TenantTokens {
  readonly #secret: ClusterSecret;
  readonly #settings: Pick<SettingsStore, 'snapshot'>;
  #snapshot: SettingsStore['snapshot'] | undefined;
  #tenants: ReadonlyMap<string, string> = new Map();

  constructor(secret: ClusterSecret, settings: Pick<SettingsStore, 'snapshot'>) {
    this.#secret = secret;
    this.#settings = settings;
  }

  /** undefined: of none that exists. */
  tenantOf(token: string): string | undefined {
    const { snapshot } = this.#settings;
    if (snapshot !== this.#snapshot) {
      this.#snapshot = snapshot;
      this.#tenants = new Map(snapshot.tenants.map(({ id }) => [statusToken(this.#secret, id), id]));
    }
    return this.#tenants.get(token);
  }
}
