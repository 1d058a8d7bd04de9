export { type WorkerConfig, workerRole } from './role.ts';
export { type Port, type SessionHost, Switch } from './switch.ts';
