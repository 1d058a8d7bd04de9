import { CulvertError, toCulvertError } from '@culvert/base';
import type { LinkOffer, PlacementRequest, RoutingApi, SessionOffer } from './api.ts';
import type { Avoided } from './avoided.ts';

export interface OffersOptions {
  readonly api: Pick<RoutingApi, 'openSession' | 'place'>;
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentId: string;
  /** The session was opened, anew perhaps and under another id. */
  readonly opened: (session: SessionOffer) => void;
}

/** What the agent knows when it asks for a worker; what is undefined it does not know. */
export interface Wish {
  readonly lastEpoch: number;
  readonly exclude: readonly (string | undefined)[];
  /** Rather not; but these rather than none. */
  readonly avoid?: Avoided;
  readonly prefer?: string | undefined;
  readonly standby?: boolean;
}

/** Gets links for the agent's session from the API, which it opens first. */
export class Offers {
  readonly #options: OffersOptions;
  #session: SessionOffer | undefined;

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  get session(): SessionOffer | undefined {
    return this.#session;
  }

  /** The cluster does not know the session: it is opened anew next time. */
  forget(): void {
    this.#session = undefined;
  }

  /** Opens the session, or asks for a place for the one that there is. Rejects with the API's code. */
  async next(wish: Wish, signal: AbortSignal): Promise<LinkOffer> {
    if (this.#session !== undefined) return this.place(wish, signal);
    const { api, name, labels, agentId, opened } = this.#options;
    const session = await api.openSession({ ...(name === undefined ? {} : { name }), labels, agentId }, signal);
    opened(session);
    this.#session = session;
    return session.link;
  }

  /** Rejects with the API's code, or with `session_not_found` before the session is opened. */
  async place({ avoid, ...wish }: Wish, signal: AbortSignal): Promise<LinkOffer> {
    const avoided = avoid?.list() ?? [];
    try {
      return await this.#placeWithout({ ...wish, exclude: [...avoided, ...wish.exclude] }, signal);
    } catch (error) {
      if (avoided.length === 0 || toCulvertError(error).code !== 'no_worker_available') throw error;
      avoid?.clear();
      return this.#placeWithout(wish, signal);
    }
  }

  async #placeWithout({ exclude, prefer, ...wish }: Omit<Wish, 'avoid'>, signal: AbortSignal): Promise<LinkOffer> {
    if (this.#session === undefined) throw new CulvertError('session_not_found', 'the session is not open now');
    const { api, agentId } = this.#options;
    const known = new Set(exclude.filter((node) => node !== undefined));
    const request: PlacementRequest = { ...wish, exclude: [...known], agentId };
    return api.place(this.#session.id, prefer === undefined ? request : { ...request, prefer }, signal);
  }
}
