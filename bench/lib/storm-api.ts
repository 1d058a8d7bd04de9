import { CulvertError, systemClock, withDeadline } from '@culvert/base';
import { Doorkeeper, Placement, type Registry } from '@culvert/registry';
import { API_DEADLINE_MS, type LinkOffer, type PlacementRequest } from '../../packages/agent/src/api.ts';
import { LiveNodes } from '../../packages/api/src/live-nodes.ts';
import type { StormTally } from './storm-tally.ts';
import { Turns } from './storm-turns.ts';

const TICKET_MS = 60_000;

export interface StormApiOptions {
  readonly registry: Registry;
  /** Requests per second that the process gets done. */
  readonly rate: number;
  readonly random: () => number;
  readonly tally: StormTally;
}

/**
 * `POST /sessions/:id/placements` without HTTP: the session is looked at, and a place is found by the code of the API,
 * from a list of the nodes that is half a second old at most. What HTTP costs is a place in the queue of its one core,
 * for those who are not turned away; whoever has gone before its turn is not served.
 */
export class StormApi {
  readonly #options: StormApiOptions;
  readonly #placement: Placement;
  readonly #door: Doorkeeper;
  readonly #turns: Turns;

  constructor(options: StormApiOptions) {
    const { registry, rate, random, tally } = options;
    this.#options = options;
    this.#door = new Doorkeeper({ random });
    this.#turns = new Turns(rate, systemClock);
    const nodes = new LiveNodes(registry, () => performance.now());
    const counted: Pick<Registry, 'reserve'> = {
      reserve: (request) => {
        tally.reserved();
        return registry.reserve(request);
      },
    };
    this.#placement = new Placement({ registry: counted, nodes: () => nodes.list(), random });
  }

  /** Rejects with what the agent would be told; with `api_unreachable` when there is no answer in time. */
  async place(sessionId: string, request: PlacementRequest, signal: AbortSignal): Promise<LinkOffer> {
    const { tally } = this.#options;
    try {
      const answer = (deadline: AbortSignal): Promise<LinkOffer> =>
        this.#door.admit(() => this.#answer(sessionId, request, AbortSignal.any([signal, deadline])));
      return await withDeadline(API_DEADLINE_MS, 'the call to the API', answer, 'api_unreachable');
    } catch (error) {
      tally.refused(error);
      throw error;
    }
  }

  async #answer(sessionId: string, request: PlacementRequest, signal: AbortSignal): Promise<LinkOffer> {
    const { registry, tally } = this.#options;
    await this.#turns.next(signal);
    if ((await registry.getSession(sessionId)) === undefined) throw new CulvertError('session_not_found');
    const { exclude, prefer } = request;
    const { worker, delayMs } = await this.#placement.place({ sessionId, pools: ['default'], exclude, prefer });
    tally.slot(delayMs);
    const slotAt = Date.now() + delayMs;
    // There is no network: the address is the worker's id, and all that the ticket has to say is when.
    const offer = { url: worker.id, ticket: String(slotAt), node: worker.id, expiresAtMs: slotAt + TICKET_MS };
    return delayMs === 0 ? offer : { ...offer, delayMs };
  }
}
