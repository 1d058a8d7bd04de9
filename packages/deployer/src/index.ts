export { bullPrefix, Housekeeper, type HousekeeperOptions } from './housekeeper.ts';
export { type HousekeepingOptions, sweepOnce } from './housekeeping.ts';
export { type DeployerConfig, deployerRole } from './role.ts';
