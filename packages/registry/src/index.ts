export { ChaosRuns } from './chaos.ts';
export type {
  Commit,
  DeployLease,
  DeploymentEvent,
  Deployments,
  Rollout,
  StoredCommand,
  StoredDeployment,
} from './deployments/types.ts';
export type { EventEntry } from './events/entry.ts';
export type { EventLog, EventPage, EventRead } from './events/event-log.ts';
export { type EventFilter, matchesFilter } from './events/filter.ts';
export type { EventFollower, Followed } from './events/follower.ts';
export { Idempotency, type IdempotencyReply } from './idempotency.ts';
export { createKeys, type Keys } from './keys.ts';
export type { RegistryObserver } from './observer.ts';
export { Doorkeeper, type DoorkeeperOptions } from './placement/doorkeeper.ts';
export { type Place, Placement, type PlacementOptions, type PlacementWish } from './placement/placement.ts';
export { DEFAULT_POOL, poolsOf } from './placement/pools.ts';
export { type PoolMove, planRebalance, type RebalanceNode, type RebalanceOptions } from './placement/rebalance.ts';
export type { ReserveReply, ReserveRequest } from './placement/reserve.ts';
export { RolloutWatch, type RolloutWatchOptions } from './placement/rollout.ts';
export { type AcceptedBeat, NodePresence, type NodePresenceOptions, type PresenceRegistry } from './presence.ts';
export { redisOptions } from './redis/client.ts';
export type { AvailabilityListener } from './redis/connection.ts';
export { describeServers, type RedisServerView } from './redis/describe.ts';
export { describeRedisError, isElsewhere } from './redis/errors.ts';
export { parseRedisUrl, type RedisAddress, type RedisForm } from './redis/options.ts';
export type { HintListener } from './redis/subscriber.ts';
export { BEAT_EVERY_MS, LEASE_MS, Registry, type RegistryOptions } from './registry.ts';
export { observeRegistry, registryMeter, routeMeter } from './registry-metrics.ts';
export { type LookUpOutcome, RouteCache, type RouteCacheOptions, type RouteSource } from './route-cache.ts';
export {
  SAMPLED,
  type Sample,
  type SampledValues,
  SERIES_WINDOWS,
  type SeriesRead,
  type SeriesStore,
  type SeriesWindow,
} from './series/series.ts';
export { type KeepSettingsOptions, keepSettings, type SettingsKeeper } from './settings/keep.ts';
export type { ApiKey, KeyRole, SettingsSnapshot, Tenant } from './settings/records.ts';
export { SnapshotFile } from './settings/snapshot-file.ts';
export { type RefreshOutcome, type SettingsListener, SettingsStore } from './settings/store.ts';
export type { SignOuts } from './sign-outs/sign-outs.ts';
export type { Sli, SliPoint, SliRange, SliRead, SliSums } from './sli/sli.ts';
export type { SweepOptions, SweepResult } from './sweep.ts';
export type {
  Beat,
  BeatReply,
  ClaimRefusal,
  ClaimReply,
  Hint,
  LostOperation,
  Missing,
  NodeBoot,
  NodeInfo,
  NodeLoad,
  NodeRole,
  NodeState,
  NodeView,
  NodeVitals,
  OwnedPage,
  PreviousOwner,
  ReassertOutcome,
  RegistryStatus,
  Reservation,
  Route,
  SessionClaim,
  SessionCounters,
  SessionFilter,
  SessionPage,
  SessionReassert,
  SessionRelease,
  SessionState,
  SessionUpdate,
  SessionView,
  TenantedPage,
  UpdateOutcome,
} from './types.ts';
