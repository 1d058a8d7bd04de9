export type { Port } from './circuit.ts';
export { type WorkerConfig, workerRole } from './role.ts';
export { type SessionHost, Switch } from './switch.ts';
