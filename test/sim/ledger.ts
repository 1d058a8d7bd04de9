import type { ErrorCode } from '@culvert/base';
import type { StreamEnd } from '@culvert/mux';
import type { Ending, Talker } from './talker.ts';
import type { ConnectionPlan } from './workload.ts';

/** Everything that is known of one connection, at both of its ends. */
export class Record {
  readonly plan: ConnectionPlan;
  /** The life of the gateway that the browser used. */
  gateway: string | undefined;
  askedAtMs: number | undefined;
  openedAtMs: number | undefined;
  /** The open failed. */
  refused: { readonly code: ErrorCode; readonly message: string; readonly atMs: number } | undefined;
  browser: Talker | undefined;
  target: Talker | undefined;
  browserEnding: Ending | undefined;
  targetEnding: Ending | undefined;
  edgeStream: StreamEnd | undefined;
  agentStream: StreamEnd | undefined;
  /** Targets that were dialed for it, and those that answered. */
  dials = 0;
  accepted = 0;
  /** Its browser is gone with its gateway. */
  orphaned = false;

  constructor(plan: ConnectionPlan) {
    this.plan = plan;
  }

  get name(): string {
    return `connection ${this.plan.number} (${this.plan.shape})`;
  }

  /** Nothing more is to be expected of either end. */
  get over(): boolean {
    if (this.askedAtMs === undefined) return this.orphaned;
    const browserOver = this.orphaned || this.refused !== undefined || this.browserEnding !== undefined;
    return browserOver && (this.target === undefined || this.targetEnding !== undefined);
  }
}

/** All connections of a run. */
export class Ledger {
  readonly records: Record[];

  constructor(plans: readonly ConnectionPlan[]) {
    this.records = plans.map((plan) => new Record(plan));
  }

  of(number: number): Record {
    const record = this.records[number];
    if (record === undefined) throw new RangeError(`there is no connection ${number}`);
    return record;
  }

  get open(): Record[] {
    return this.records.filter((record) => !record.over);
  }
}
