import type { NodeBoot, NodeInfo, NodeLoad, SessionState } from '@culvert/registry';

export interface Entry {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly name: string | null;
  readonly node: NodeBoot;
  readonly epoch: number;
  readonly agentId: string;
  readonly connectedAtMs: number;
  readonly state: SessionState;
}

export interface NodeRecord {
  readonly info: NodeInfo;
  readonly load: NodeLoad;
  readonly beatAtMs: number;
  readonly confirmed: string | undefined;
}

/** What data set it is, and whether it is whole: see packages/registry/src/lua/beat.lua. */
export interface Round {
  readonly id: string;
  readonly server: number;
  readonly sinceMs: number;
  readonly lost: boolean;
  readonly whole: boolean;
  /** When any node beat last. */
  readonly beatAtMs: number;
}

export const refOf = ({ id, boot }: NodeBoot): string => `${id}#${boot}`;

/** Everything that one Redis holds. */
export class DataSet {
  readonly leases = new Map<string, number>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly entries = new Map<string, Entry>();
  readonly watermarks = new Map<string, number>();
  round: Round | undefined;

  /** As a replica has it. What is in the maps is never changed, only replaced. */
  copy(): DataSet {
    const copy = new DataSet();
    for (const [ref, deadline] of this.leases) copy.leases.set(ref, deadline);
    for (const [id, node] of this.nodes) copy.nodes.set(id, node);
    for (const [id, entry] of this.entries) copy.entries.set(id, entry);
    for (const [ref, seq] of this.watermarks) copy.watermarks.set(ref, seq);
    copy.round = this.round;
    return copy;
  }

  lives(node: NodeBoot, nowMs: number): boolean {
    return (this.leases.get(refOf(node)) ?? 0) > nowMs;
  }
}
