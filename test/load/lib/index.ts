// What load test scripts import: the words of k6, and those of tunnels.
export { Counter, Gauge, Rate, Trend } from './current-run.ts';
export type { ClientCounts, KindCounts } from './ledger.ts';
export type { LoadOptions, Scenario, Stage } from './options.ts';
export { EXIT, type LoadResult } from './result.ts';
export { type Progress, type RunOptions, runLoad, runOn } from './run-load.ts';
export type { LoadScript } from './script.ts';
export type { LoadCluster, LoadSite } from './site.ts';
export type { ThresholdSpecs } from './thresholds.ts';
export type { ConnectionOutcome } from './traffic/connections.ts';
export type { Conversation } from './traffic/conversation.ts';
export type { HttpResponse } from './traffic/http.ts';
export type { Vu } from './vu.ts';
