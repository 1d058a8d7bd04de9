export { PassThrough, type PassThroughOptions } from './pass-through.ts';
export { type GatewayConfig, gatewayRole } from './role.ts';
export { SessionResolver, type SessionResolverOptions } from './session-resolver.ts';
export { WorkerDirectory, type WorkerDirectoryOptions } from './worker-directory.ts';
