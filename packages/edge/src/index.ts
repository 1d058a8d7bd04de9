export { parseBasicCredentials } from './credentials.ts';
export { join } from './join.ts';
export { type MeterLike, meterMetrics, meterReattachMetrics } from './meter-metrics.ts';
export { type CloseReason, type EdgeMetrics, noMetrics } from './metrics.ts';
export type { ProxyOptions } from './options.ts';
export { createProxyServer, ProxyServer } from './proxy-server.ts';
export { noReattachMetrics, Reattacher, type ReattacherOptions, type ReattachMetrics } from './reattacher.ts';
export type { Credentials, OpenTarget, Resolver, Target, Tunnel } from './resolver.ts';
export {
  type FindRoute,
  type OwnerRoute,
  RoutedTunnel,
  type RoutedTunnelOptions,
  withRetryAfter,
} from './routed-tunnel.ts';
export { type WorkerAddress, WorkerLinks, type WorkerLinksOptions } from './worker-links.ts';
