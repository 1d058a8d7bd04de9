export { parseBasicCredentials } from './credentials.ts';
export { addEdgeAdminRoutes, type EdgeAdminApp, type EdgeAdminOptions } from './edge-admin.ts';
export { join } from './join.ts';
export { meteredConnections } from './metered-connections.ts';
export { ObservedConnections } from './observed-connections.ts';
export type { ConnectionObserver, ConnectionWish, EdgeObserver, Resumption } from './observer.ts';
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
export { type WorkerAddress, WorkerLinks, type WorkerLinksOptions } from './worker-links.ts';
