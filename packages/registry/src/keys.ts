import { CulvertError } from '@culvert/base';

/**
 * Every key and channel that Culvert keeps in Redis; nothing else builds a key.
 *
 * All of them carry one hash tag, so on a Redis Cluster they share one slot. That is meant: a claim looks at
 * the node, its lease, the tenant's pin, the entry and the indexes in one atomic step, which Redis offers only
 * within a slot, and the directory is small (a few hundred bytes a session), so there is nothing to spread.
 * Scripts name each key that they touch in KEYS; none is built inside Lua.
 */
export interface Keys {
  /** hash: node id → JSON record. */
  readonly nodes: string;
  /** sorted set: `node#boot` → lease deadline in ms of Redis's clock. One that has passed marks a boot dead for ever. */
  readonly leases: string;
  /** hash: what data set this is and whether it is whole (`round`, `server`, `since`, `whole`); see shared.lua. */
  readonly meta: string;
  /** hash: `node#boot` → number of its last operation that was carried out. */
  readonly watermarks: string;
  /** hash: worker id → ms of Redis's clock at which it may be sent the next session (its admission rate). */
  readonly admission: string;
  /** sorted set, all scores 0: `node#boot/session`. */
  readonly owned: string;
  /** sorted set, all scores 0: `tenant/session`. */
  readonly tenanted: string;
  /** capped stream: the history that SSE will read. */
  readonly events: string;
  /** pub/sub channel of hints for everybody: about nodes and settings. */
  readonly hints: string;
  /** pub/sub channel of hints about every session. */
  readonly sessionHints: string;
  /** hash: `revision` of the settings. */
  readonly settings: string;
  /** hash: tenant id → JSON. */
  readonly tenants: string;
  /** hash: key id → JSON. */
  readonly apiKeys: string;
  /** string: one session's entry, `node#boot JSON`. */
  session(id: string): string;
  /** pub/sub channel of hints about the sessions that this worker has, or had before. */
  ownerHints(workerId: string): string;
  /** sorted set: session id → ms until which a place on this worker is kept for it. */
  reserved(workerId: string): string;
  /** A key of ours that is never there: stands for our slot, and for what we may do with all. */
  readonly probe: string;
  /** hash: one Idempotency-Key. */
  idempotency(key: string): string;
  /** sorted set: id of a sign-in that somebody ended → ms since the Unix epoch at which it would have ended anyhow. */
  readonly signOuts: string;
  readonly deploy: DeployKeys;
  readonly probes: ProbeKeys;
  readonly chaos: ChaosKeys;
  readonly sli: SliKeys;
  readonly series: SeriesKeys;
}

/** Where samples of the cluster and its nodes are kept; see series_write.lua. */
export interface SeriesKeys {
  /** hash: slot → sample, of the cluster as a whole. */
  cluster(stepMs: number): string;
  /** hash: slot → sample, of one node; ends by itself some time after its last sample. */
  node(stepMs: number, id: string): string;
}

/** Where service-level counts are kept. The number in their names is that of the layout of counts-text.ts. */
export interface SliKeys {
  /** hash: `source`, and `source/tenant` → counts of all boots together, in the span of time that begins then. */
  totals(span: string, startMs: number): string;
  /** hash: `node#boot/source/tenant` → what that boot counted. */
  boots(span: string, startMs: number): string;
  /** capped stream: what rehearsals of failures showed. */
  readonly rehearsals: string;
}

/** Where rehearsals of failures are kept. */
export interface ChaosKeys {
  /** hash: as the deploy lease. */
  readonly lease: string;
  /** hash: id → JSON. */
  readonly runs: string;
  /** hash: id of a run that is to stop → who wants it. */
  readonly stops: string;
}

/** Where deployments are kept. */
export interface DeployKeys {
  /** hash: `holder`, `fence`, `untilMs`, `forMs`; see deploy_lease.lua. */
  readonly lease: string;
  /** sorted set: ids of those that are not over, by the µs at which they were asked for. */
  readonly queue: string;
  /** sorted set: ids of all that are kept, by the ms at which they were made. */
  readonly index: string;
  /** string: JSON of the rollout; absent: none. */
  readonly rollout: string;
  /** hash: id → JSON. */
  readonly schedules: string;
  /** hash: id → JSON. */
  readonly windows: string;
  /** string: the round in which schedules and windows were put back last. */
  readonly putBack: string;
  /** hash: `revision`, `state`, `over` (0 or 1), `createdAtMs`, and the JSON texts `core` and `view`. */
  record(id: string): string;
  /** hash: id of a command → its number and JSON. */
  commands(id: string): string;
  /** hash: key of an effect → JSON. */
  results(id: string): string;
  /** hash: session id, or whatever the receipt goes by → JSON. */
  touched(id: string): string;
  /** string: JSON. */
  receipt(id: string): string;
}

/** Where the probes are. */
export interface ProbeKeys {
  /** string: who runs the round now; ends by itself. */
  readonly round: string;
  /** string: JSON of what the last round found. */
  readonly report: string;
}

export function createKeys(prefix = 'culvert'): Keys {
  if (!/^[\w.:-]{1,64}$/.test(prefix)) {
    throw new CulvertError('config_invalid', 'a Redis prefix is 1 to 64 letters, digits or any of _ . : -');
  }
  const key = (name: string): string => `{${prefix}}:${name}`;
  return {
    nodes: key('nodes'),
    leases: key('leases'),
    meta: key('meta'),
    watermarks: key('watermarks'),
    admission: key('admission'),
    owned: key('owned'),
    tenanted: key('tenanted'),
    events: key('events'),
    probe: key('probe'),
    hints: key('hints'),
    sessionHints: key('hints:sessions'),
    ownerHints: (id) => key(`hints:of:${id}`),
    settings: key('settings'),
    tenants: key('settings:tenants'),
    apiKeys: key('settings:keys'),
    session: (id) => key(`s:${id}`),
    reserved: (id) => key(`reserved:${id}`),
    idempotency: (id) => key(`idempotency:${id}`),
    signOuts: key('sign-outs'),
    chaos: { lease: key('chaos:lease'), runs: key('chaos:runs'), stops: key('chaos:stops') },
    probes: { round: key('probes:round'), report: key('probes:report') },
    deploy: {
      lease: key('deploy:lease'),
      queue: key('deploy:queue'),
      index: key('deploy:index'),
      rollout: key('deploy:rollout'),
      schedules: key('deploy:schedules'),
      windows: key('deploy:windows'),
      putBack: key('deploy:put-back'),
      record: (id) => key(`deploy:record:${id}`),
      commands: (id) => key(`deploy:commands:${id}`),
      results: (id) => key(`deploy:results:${id}`),
      touched: (id) => key(`deploy:touched:${id}`),
      receipt: (id) => key(`deploy:receipt:${id}`),
    },
    sli: {
      totals: (span, startMs) => key(`sli:1:${span}:${startMs}`),
      boots: (span, startMs) => key(`sli:1:${span}:${startMs}:boots`),
      rehearsals: key('sli:rehearsals'),
    },
    series: {
      cluster: (stepMs) => key(`series:1:${stepMs}`),
      node: (stepMs, id) => key(`series:1:${stepMs}:${id}`),
    },
  };
}

/** `node#boot`: one life of a node. The same words are in shared.lua. */
export function ownerRef(node: { id: string; boot: string }): string {
  return `${node.id}#${node.boot}`;
}

/** The members of a sorted set that start with `owner/`: `0` is the letter after `/`. */
export function membersOf(owner: string): { first: string; last: string } {
  return { first: `[${owner}/`, last: `(${owner}0` };
}

const NAME = /^[\w.:@-]{1,128}$/;

/** Ids become parts of index members, so the separators `#` and `/` must not be in them. */
export function assertId(what: string, id: string): void {
  if (!NAME.test(id)) {
    throw new CulvertError('invalid_request', `${what} must be 1 to 128 letters, digits or any of _ . : @ -`);
  }
}
