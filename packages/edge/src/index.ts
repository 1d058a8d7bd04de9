export { CanaryLoad } from './canary-load.ts';
export { CarriedBytes } from './carried-bytes.ts';
export { type ClosedBy, closedBy } from './closed-by.ts';
export { parseBasicCredentials } from './credentials.ts';
export { addEdgeAdminRoutes, type EdgeAdminApp, type EdgeAdminOptions } from './edge-admin.ts';
export { join } from './join.ts';
export { type LinkPeer, type LinkReading, observeLinks, roundTripMeter } from './link-metrics.ts';
export { loggedConnections } from './logged-connections.ts';
export { meteredConnections } from './metered-connections.ts';
export { ObservedConnections } from './observed-connections.ts';
export type { ConnectionObserver, ConnectionWish, EdgeObserver, Resumption, StreamReading } from './observer.ts';
export type { ProxyOptions } from './options.ts';
export { createProxyServer, ProxyServer } from './proxy-server.ts';
export { ReattachLog, type ReattachLogOptions, type Reattachment } from './reattach-log.ts';
export { Reattacher, type ReattacherOptions } from './reattacher.ts';
export type { Credentials, OpenTarget, Resolver, Target, Tunnel } from './resolver.ts';
export {
  type FindRoute,
  type OwnerRoute,
  RoutedTunnel,
  type RoutedTunnelOptions,
  withRetryAfter,
} from './routed-tunnel.ts';
export { type SliConnectionsOptions, sliConnections } from './sli-connections.ts';
export { type TenantOutcome, tenantMeter } from './tenant-metrics.ts';
export { tracedConnections } from './traced-connections.ts';
export { whileUnknown } from './while-unknown.ts';
export { type WorkerAddress, WorkerLinks, type WorkerLinksOptions } from './worker-links.ts';
