/** A node's state as it says itself. `dead` is never said, only concluded from a lapsed lease. */
export type NodeState = 'booting' | 'ready' | 'cordoned' | 'draining' | 'empty' | 'suspect';

export type NodeRole = 'worker' | 'gateway' | 'api' | 'deployer';

/** One life of a node process. */
export interface NodeBoot {
  readonly id: string;
  readonly boot: string;
}

export interface NodeInfo extends NodeBoot {
  readonly role: NodeRole;
  readonly version: string;
  readonly pool: string;
  readonly host: string;
  readonly pid: number;
  /** `http://host:port` of its proxy front. */
  readonly proxy?: string;
  /** `ws://host:port` where links are accepted. */
  readonly link?: string;
  /** `http://host:port` of its admin endpoints. */
  readonly admin: string;
  /** Sessions that it takes at most. */
  readonly capacity: number;
  /** Sessions that are sent to it per second at most; 0: none are (it is no worker). */
  readonly admissionRate: number;
}

/** What a beat tells besides; nodes of earlier releases tell none of it. Of customers only, as the rest of a load. */
export interface NodeVitals {
  /** Sessions with connections. */
  readonly busy?: number;
  /** From the browsers, since this process began: absolute, so a lost beat costs nothing. Bytes. */
  readonly bytesIn?: number;
  /** To the browsers. Bytes. */
  readonly bytesOut?: number;
  /** Why it is not ready, in words: the failing checks of its /readyz; 5 at most, of 200 characters. */
  readonly problems?: readonly string[];
  /** When its process began, ms since the Unix epoch, on the node's own clock. */
  readonly startedAt?: number;
}

export interface NodeLoad extends NodeVitals {
  readonly state: NodeState;
  readonly sessions: number;
  readonly connections: number;
}

/** A node as the registry knows it; `state` is `dead` once the lease lapsed, `cordoned` while an operator wants it so. */
export interface NodeView extends NodeInfo, NodeVitals {
  readonly state: NodeState | 'dead';
  readonly sessions: number;
  readonly connections: number;
  /** The operator's wish; it outlives beats and boots, and ends with `leave` or `setCordoned(id, false)`. */
  readonly cordoned: boolean;
  /** Milliseconds since the last beat, on Redis's clock. */
  readonly leaseAgeMs: number;
  /** When the last beat came, ms of Redis's clock: with it the counts of two beats make a rate. Every read tells it. */
  readonly beatAt?: number;
}

/** A session that the directory was told of last by an operation that Redis carried out, and lost. */
export interface LostOperation {
  readonly sessionId: string;
  readonly epoch: number;
  /** It was given up by that operation: if this boot still has none of this epoch, release it once more. */
  readonly released: boolean;
}

/**
 * `some`: Redis lost the last operations (a failover), which these were. `unknown`: reassert every session, and release
 * what the directory has under this boot and is not here.
 */
export type Missing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'some'; readonly operations: readonly LostOperation[] }
  | { readonly kind: 'unknown' };

/** What a beat tells. */
export interface Beat {
  readonly node: NodeInfo;
  readonly load: NodeLoad;
  /** The round for which this boot has put everything into the directory; undefined: none yet. */
  readonly confirmed?: string | undefined;
  /** The node wants to begin cordoned. Whatever was wished of a node of this id before, or since, counts more. */
  readonly cordoned?: boolean;
}

/** A node and the end of its lease, ms of Redis's clock; 0: it has none. */
export interface LeasedNode {
  readonly node: NodeView;
  readonly leaseEndsMs: number;
}

export type BeatReply =
  | {
      readonly outcome: 'ok';
      /** What the directory lacks of this boot's sessions: told again, the round can be confirmed. */
      readonly missing: Missing;
      /** Names the data set as it is on this server: another one after a loss, a restart, or a failover. */
      readonly round: string;
      /** Some worker has not confirmed the round yet: what is not in the directory may only be missing. */
      readonly recovering: boolean;
      readonly cordoned: boolean;
      readonly settingsRevision: number;
      /** Redis's clock, ms since the Unix epoch. */
      readonly nowMs: number;
    }
  | {
      /** This boot was declared dead: take a new boot id, beat with it, reassert. */
      readonly outcome: 'dead';
      /** … unless another process runs under this node id by now: then this one has to go. */
      readonly replaced: boolean;
    };

/** What a worker says of a session when it takes it. */
export interface SessionClaim {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly name: string | null;
  readonly node: NodeBoot;
  /** The worker's pool; a pinned tenant's sessions are refused elsewhere. */
  readonly pool: string;
  readonly agentId: string;
  readonly keyId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Highest epoch that the agent has seen; 0 if none. */
  readonly lastEpoch: number;
  /** If given, the claim succeeds only over this epoch (or a vacant entry): a directed move that came too late does nothing. */
  readonly expectedEpoch?: number;
  /** It is the canary tenant's: taken by a cordoned worker, too, and in any pool. */
  readonly canary?: boolean;
}

/** `recovering`: Redis has lost settings that this process knows; they are being put back. */
export type ClaimRefusal = 'fenced' | 'wrong_pool' | 'full' | 'node_not_ready' | 'limit_exceeded' | 'recovering';

/** Who was in the directory before, dead or alive. */
export interface PreviousOwner extends Pick<SessionUpdate, 'epoch'> {
  readonly node: string;
  readonly boot: string;
  /** Its lease was over: for how long, ms of Redis's clock. */
  readonly vacantMs?: number;
}

export type ClaimReply =
  | {
      readonly outcome: 'claimed';
      readonly epoch: number;
      readonly connectedAtMs: number;
      readonly previous?: PreviousOwner;
    }
  | { readonly outcome: 'refused'; readonly reason: ClaimRefusal };

/** Absolute numbers, never increments: a lost update heals with the next one. */
export interface SessionCounters {
  /** `offline`: its agent is away, and may come back. */
  readonly state: SessionState;
  readonly connections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface SessionUpdate extends SessionCounters {
  readonly sessionId: string;
  readonly epoch: number;
}

/**
 * `fenced`: a newer owner has it, close yours. `absent`: the directory does not have it as this boot's
 * (it lost data, or the boot is new), reassert it.
 */
export type UpdateOutcome = 'ok' | 'fenced' | 'absent';

/** A session that its owner holds now, told to a registry that may have lost it. */
export interface SessionReassert extends SessionUpdate {
  readonly tenantId: string;
  readonly name: string | null;
  readonly pool: string;
  readonly agentId: string;
  readonly keyId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly connectedAtMs: number;
}

export type ReassertOutcome = 'ok' | 'fenced';

export interface SessionRelease {
  readonly sessionId: string;
  readonly node: NodeBoot;
  readonly epoch: number;
  /** For the history; one of the error codes, say. */
  readonly reason: string;
}

export type SessionState = 'idle' | 'busy' | 'offline';

export interface SessionView {
  readonly id: string;
  readonly name: string | null;
  readonly tenant: string;
  /** `offline`: its agent is away, or its owner's lease has lapsed and nobody took it since. */
  readonly state: SessionState;
  /** Id of the owner; null once its lease has lapsed. */
  readonly node: string | null;
  readonly boot: string | null;
  readonly pool: string;
  readonly epoch: number;
  readonly connections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** ms since the Unix epoch, Redis's clock. */
  readonly connectedAt: number;
  readonly changedAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly agentId: string;
  readonly keyId: string;
}

export interface SessionFilter {
  readonly state?: SessionState;
  readonly node?: string;
  readonly tenant?: string;
  /** Part of the id, the name, the tenant's id or a label's value; case does not matter. */
  readonly q?: string;
  /** That it has; with this value, if one is given. */
  readonly label?: { readonly key: string; readonly value?: string };
  /** Those of the canary tenant, too; else only when they are asked for by tenant: they are no customer's. */
  readonly canary?: boolean;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** A page may be short of `limit` (the work per call is bounded); only `next: null` says that it was the last. */
export interface SessionPage {
  readonly items: SessionView[];
  readonly next: string | null;
}

/** Ids under one boot; `next` is where the page after it begins. */
export interface OwnedPage {
  readonly ids: string[];
  readonly next: string | null;
}

export interface TenantedPage {
  readonly items: { readonly tenant: string; readonly id: string }[];
  readonly next: string | null;
}

/** A place on a worker that is kept for a session until it claims. */
export interface Reservation {
  readonly sessionId: string;
  /** ms since the Unix epoch, Redis's clock. */
  readonly untilMs: number;
}

/** What the registry knows of its own data. */
export interface RegistryStatus {
  /** Names the data set as it is on this server; null: no node has beaten here yet. */
  readonly round: string | null;
  /** Since when, ms since the Unix epoch, Redis's clock. */
  readonly since: number | null;
  /** Some worker has not told everything yet: what is not there may only be missing. */
  readonly recovering: boolean;
  /** Redis's own name of the server, its run id. */
  readonly server: string;
  readonly sessions: number;
  /** Nodes whose lease lives. */
  readonly nodes: number;
}

/** Where a session is served now. */
export interface Route {
  readonly sessionId: string;
  readonly tenantId: string;
  readonly name: string | null;
  readonly epoch: number;
  readonly state: 'idle' | 'busy';
  readonly node: {
    readonly id: string;
    readonly boot: string;
    readonly link: string | undefined;
    readonly proxy: string | undefined;
  };
}

/** Hints speed things up and may be lost; nothing is correct only because a hint arrived. */
export type Hint =
  | {
      readonly kind: 'session';
      readonly sessionId: string;
      readonly epoch: number;
      /** The owner's node id; null: nobody owns it now. */
      readonly owner: string | null;
      /** Whose session it is there; null when nobody owns it, or an older node told. */
      readonly agentId: string | null;
    }
  | { readonly kind: 'settings'; readonly revision: number }
  | { readonly kind: 'node'; readonly nodeId: string }
  /** Its record has changed, or a command waits for it, or its rollout is another. */
  | { readonly kind: 'deployment'; readonly id: string }
  /** The subscription was interrupted: what was remembered may be wrong. */
  | { readonly kind: 'reset' }
  /** The subscription dropped: nothing more is heard until a `reset`. */
  | { readonly kind: 'silent' };
