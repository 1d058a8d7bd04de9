export type { OnStage, Stage, StageAbout } from './engine/world.ts';
export { Housekeeper, type HousekeeperOptions } from './housekeeper.ts';
export { type HousekeepingOptions, sweepOnce } from './housekeeping.ts';
export { type DeployerConfig, type DeployerHooks, deployerRole, deployerRoleWith } from './role.ts';
export { Verifier, type VerifierOptions, type VerifyRequest } from './verify/verifier.ts';
