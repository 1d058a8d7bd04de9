import type { ServedSession } from '../traffic/traffic.ts';

/** What a process of customers is started with, as JSON in its arguments; the key is in CULVERT_KEY. */
export interface CustomersSetup {
  readonly api: string;
  readonly agents: number;
}

/** What the agents and the app of one process have seen since its start. */
export interface CustomersSeen {
  readonly reconnects: number;
  readonly resumed: number;
  /** Of those resumed since the last message, ms. */
  readonly gapsMs: readonly number[];
  readonly accepted: number;
  /** Agents that ended for good although nobody had asked for it, with the reason. */
  readonly ended: readonly string[];
}

export type FromCustomers =
  | { readonly kind: 'ready'; readonly sessions: readonly ServedSession[] }
  | { readonly kind: 'seen'; readonly seen: CustomersSeen }
  /** The last thing that is said; all agents have left. */
  | { readonly kind: 'left'; readonly seen: CustomersSeen }
  | { readonly kind: 'failed'; readonly message: string };

/** `look`: answer with `seen` now. */
export type ToCustomers = { readonly kind: 'look' | 'leave' };
