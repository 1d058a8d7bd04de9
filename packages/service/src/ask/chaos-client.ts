import { CulvertError } from '@culvert/base';
import { NodeChaos, type NodeChaosOrder } from '@culvert/contracts';
import { type Static, Type } from 'typebox';
import { AdminCaller, type AdminCallerOptions } from './admin-caller.ts';
import { NodeClient } from './node-client.ts';

const Counts = Type.Object({ opened: Type.Integer(), failed: Type.Integer() });
/** `GET /sli`, the part that is needed: counts since the process began, of customers and of Culvert's own probes. */
const NodeCounts = Type.Object({ boot: Type.String(), real: Counts, synthetic: Counts });
export type NodeCounts = Static<typeof NodeCounts>;

/** A node that does not allow it has no such path. */
const ChaosAnswer = Type.Union([NodeChaos, Type.Object({ code: Type.Literal('not_found') })]);

/** Asks nodes, and has them rehearse failures. */
export class ChaosClient extends NodeClient {
  readonly #caller: AdminCaller;

  constructor(options: AdminCallerOptions) {
    super(options);
    this.#caller = new AdminCaller(options, 'node');
  }

  /** Gateways and workers: connections, since their processes began. */
  counts(admin: string, signal?: AbortSignal): Promise<NodeCounts> {
    return this.#caller.read(NodeCounts, 'GET', `${admin}/sli`, { signal });
  }

  /** Which failure is rehearsed there. Rejects with `chaos_not_allowed` where none may be. */
  async chaosState(admin: string, signal?: AbortSignal): Promise<NodeChaos> {
    const answer = await this.#caller.read(ChaosAnswer, 'GET', `${admin}/chaos`, { signal, accept: [404] });
    if ('allowed' in answer) return answer;
    throw new CulvertError('chaos_not_allowed');
  }

  /** Begins in a moment. Rejects with `chaos_active` when something is under way there. */
  async chaos(admin: string, order: NodeChaosOrder, signal?: AbortSignal): Promise<void> {
    await this.#caller.send('POST', `${admin}/chaos`, { body: order, signal });
  }

  /** Ends what is under way. */
  async endChaos(admin: string, signal?: AbortSignal): Promise<void> {
    await this.#caller.send('DELETE', `${admin}/chaos`, { signal });
  }
}
