import type { Logger } from '@culvert/base';
import type { AboutLinks, Objectives } from '@culvert/contracts';
import type { Registry, RouteCache } from '@culvert/registry';
import type { ClusterSecret, WorkerClient } from '@culvert/service';
import type { Telemetry } from '@culvert/telemetry';
import type { Conductor } from './chaos/conductor.ts';
import type { StreamTimes } from './events/event-stream.ts';
import type { LiveNodes } from './live-nodes.ts';
import type { SignInTimes } from './sign-in/sign-ins.ts';

export type LinkVia = 'worker' | 'gateway';

/** What the routes work with. */
export interface ApiDeps {
  readonly registry: Registry;
  readonly routes: RouteCache;
  readonly nodes: LiveNodes;
  readonly workers: WorkerClient;
  readonly secret: ClusterSecret;
  readonly logger: Logger;
  /** Whose address agents dial. */
  readonly linkVia: LinkVia;
  /** This API as others reach it, without a path; known once it listens. */
  readonly publicUrl: () => string;
  /** ms since the Unix epoch. */
  readonly now: () => number;
  readonly version: string;
  /** Carries out rehearsals of failures; absent: they are not allowed here. */
  readonly chaos?: Conductor;
  /** Where requests and placements are counted; absent: nowhere. */
  readonly telemetry?: Pick<Telemetry, 'meter'>;
  /** What is promised; default: DEFAULT_OBJECTIVES. */
  readonly objectives?: Objectives;
  /** Aborted once this API is being replaced: what would stay open for long goes to another one. */
  readonly retiring?: AbortSignal;
  /** Id of the node that this API is; default: none. */
  readonly node?: string;
  /** Pages of other systems that know more; default: none. */
  readonly links?: AboutLinks;
  /** How long browsers stay signed in; default: SIGN_IN_TIMES. */
  readonly signInTimes?: SignInTimes;
  /** How the streams of the live picture are kept up; shorter only in tests. */
  readonly liveTimes?: Partial<StreamTimes>;
  /** Keep samples of the cluster for its charts; default: no. */
  readonly sampling?: boolean;
  /** How long a dry run is waited for, ms; shorter only in tests. */
  readonly forecastDeadlineMs?: number;
}
