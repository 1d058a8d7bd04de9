import { join, resolve } from 'node:path';
import type { RoleName } from '@culvert/service';
import type { ProcessExit } from './managed-process.ts';

/** What happens in a cluster, for the progress lines of `culvert up`. */
export type ClusterEvent =
  | { readonly event: 'redis.fetching'; readonly message: string }
  | { readonly event: 'redis.ready'; readonly source: 'private' | 'given'; readonly port?: number }
  | { readonly event: 'redis.exit'; readonly message: string }
  | {
      readonly event: 'process.ready';
      readonly role: string;
      readonly id: string;
      readonly pid: number;
      readonly addresses: Readonly<Record<string, string>>;
    }
  | ({ readonly event: 'process.exit' } & ProcessExit)
  | { readonly event: 'process.restart'; readonly role: string; readonly id: string; readonly inMs: number }
  | { readonly event: 'process.restart_failed'; readonly role: string; readonly id: string; readonly message: string }
  | {
      readonly event: 'node.launched';
      readonly role: string;
      readonly id: string;
      readonly version: string;
      readonly replaces: string | null;
      readonly deployment: string;
    }
  | {
      readonly event: 'node.ended';
      readonly role: string;
      readonly id: string;
      readonly version: string;
      /** In words. */
      readonly exit: string;
      /** Which had it ended; null: it ended by itself. */
      readonly deployment: string | null;
    }
  | { readonly event: 'demo.ready'; readonly session: string; readonly target: string };

/** Added to what every process of a role is started with. */
export interface RoleOverrides {
  /** The script instead of the cluster's. */
  readonly entry?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ClusterOptions {
  /** The script of the `culvert` command; every process is `node entry ROLE …`. */
  readonly entry: string;
  /** Everything of the cluster: logs, Redis's data, the secret, local.json. */
  readonly dataDir: string;
  /** Where a Redis that had to be fetched is kept; `dataDir` unless given. */
  readonly cacheDir?: string;
  readonly apis?: number;
  readonly gateways?: number;
  readonly workers?: number;
  readonly deployers?: number;
  /** A demo app that only a demo agent can reach. */
  readonly demo?: boolean;
  /** A Redis that runs already; unless given, a private one is started. */
  readonly redisUrl?: string;
  /** First part of every key there; derived from the secret unless given, so that clusters never meet. */
  readonly redisPrefix?: string;
  /** Whether a private Redis keeps its data over restarts. */
  readonly durable?: boolean;
  /** At least 32 bytes; made once in the data folder unless given. */
  readonly secret?: string;
  /** Between two rounds of the cluster's own probes, ms; 0 (unless given): there are none. */
  readonly probeEveryMs?: number;
  /** Start a process again, after a pause, when it ends unasked. */
  readonly restart?: boolean;
  /** Let the deploy workers start and end nodes, over a socket in the data folder; true unless given. */
  readonly supervisor?: boolean;
  /** Failures may be rehearsed on it (`culvert chaos`); false unless given. */
  readonly chaos?: boolean;
  readonly overrides?: Readonly<Partial<Record<RoleName, RoleOverrides>>>;
  readonly onEvent?: (event: ClusterEvent) => void;
  /** Ends a start that is under way; the promise rejects with its reason, and nothing is left. */
  readonly signal?: AbortSignal;
  readonly startDeadlineMs?: number;
  readonly stopDeadlineMs?: number;
}

type Absent = 'redisUrl' | 'redisPrefix' | 'secret' | 'signal';
/** The same with nothing left open, save what is meant to be absent. */
export type ResolvedOptions = Required<Omit<ClusterOptions, Absent>> & Pick<ClusterOptions, Absent>;

/** Node's start alone takes some 100 ms; twenty processes on two busy cores take long. */
const START_DEADLINE_MS = 30_000;
/** An ordered stop closes idle things at once; whatever takes longer than this hangs. */
const STOP_DEADLINE_MS = 10_000;

export function resolveOptions(options: ClusterOptions): ResolvedOptions {
  const dataDir = resolve(options.dataDir);
  return {
    apis: 1,
    gateways: 1,
    workers: 3,
    deployers: 1,
    demo: false,
    durable: true,
    restart: false,
    supervisor: true,
    probeEveryMs: 0,
    chaos: false,
    overrides: {},
    onEvent: () => undefined,
    startDeadlineMs: START_DEADLINE_MS,
    stopDeadlineMs: STOP_DEADLINE_MS,
    ...options,
    dataDir,
    cacheDir: options.cacheDir ?? join(dataDir, 'cache'),
  };
}
