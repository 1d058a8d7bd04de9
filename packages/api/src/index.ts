export { hashKeySecret, type NewApiKey, newApiKey, parseApiKey } from './api-keys.ts';
export type { Principal } from './auth.ts';
export type { ApiDeps, LinkVia } from './deps.ts';
export { LiveNodes } from './live-nodes.ts';
export { pacFile } from './pac.ts';
export { type ApiConfig, apiRole } from './role.ts';
export { createApiServer } from './server.ts';
