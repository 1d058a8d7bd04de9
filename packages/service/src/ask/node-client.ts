import {
  BelievedNode,
  type Blocker,
  type DrainOrder,
  DrainReport,
  EdgeLinks,
  NodeStats,
  ReadyToTerminate,
  ReattachRecords,
  WorkerBlockers,
} from '@culvert/contracts';
import { type Static, Type } from 'typebox';
import { AdminCaller, type AdminCallerOptions } from './admin-caller.ts';

/** `GET /readyz`; 503 is an answer, too. */
const Readyz = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) });
export type NodeReadiness = Static<typeof Readyz>;

/** `POST /retire`: take no new work, finish what is there within `deadlineMs`. */
export interface RetireOrder {
  readonly deployment: string;
  readonly fence: number;
  /** Names this order; carried out once. */
  readonly key: string;
  readonly deadlineMs: number;
}

/**
 * Asks nodes of any role at their admin endpoints; `admin` is a node's address as the registry has it. Answers are checked
 * against the contract; rejects with the node's own code (`fenced`, say), or with `node_unreachable`.
 */
export class NodeClient {
  readonly #caller: AdminCaller;

  constructor(options: AdminCallerOptions) {
    this.#caller = new AdminCaller(options, 'node');
  }

  readiness(admin: string, signal?: AbortSignal): Promise<NodeReadiness> {
    return this.#caller.read(Readyz, 'GET', `${admin}/readyz`, { signal, accept: [503] });
  }

  /** Workers. Answers at once; a key that was carried out before changes nothing. */
  async drain(admin: string, order: DrainOrder, signal?: AbortSignal): Promise<void> {
    await this.#caller.send('POST', `${admin}/drain`, { body: order, signal });
  }

  drainReport(admin: string, signal?: AbortSignal): Promise<DrainReport> {
    return this.#caller.read(DrainReport, 'GET', `${admin}/drain`, { signal });
  }

  readyToTerminate(admin: string, signal?: AbortSignal): Promise<ReadyToTerminate> {
    return this.#caller.read(ReadyToTerminate, 'GET', `${admin}/ready-to-terminate`, { signal });
  }

  /** What a worker still waits for. */
  async blockers(admin: string, signal?: AbortSignal): Promise<readonly Blocker[]> {
    return (await this.#caller.read(WorkerBlockers, 'GET', `${admin}/blockers`, { signal })).items;
  }

  /** Workers. */
  stats(admin: string, signal?: AbortSignal): Promise<NodeStats> {
    return this.#caller.read(NodeStats, 'GET', `${admin}/stats`, { signal });
  }

  /** Gateways and APIs: what they believe of a node. */
  believedNode(admin: string, id: string, signal?: AbortSignal): Promise<BelievedNode> {
    return this.#caller.read(BelievedNode, 'GET', `${admin}/believed-nodes/${encodeURIComponent(id)}`, { signal });
  }

  /** Gateways and workers. */
  edgeLinks(admin: string, signal?: AbortSignal): Promise<EdgeLinks> {
    return this.#caller.read(EdgeLinks, 'GET', `${admin}/links`, { signal });
  }

  /** Gateways and workers: connections that lost their path since `after`. */
  reattached(admin: string, after: number, signal?: AbortSignal): Promise<ReattachRecords> {
    return this.#caller.read(ReattachRecords, 'GET', `${admin}/reattached?after=${after}`, { signal });
  }

  /** Gateways, APIs, deploy workers. Answers at once. */
  async retire(admin: string, order: RetireOrder, signal?: AbortSignal): Promise<void> {
    await this.#caller.send('POST', `${admin}/retire`, { body: order, signal });
  }
}
