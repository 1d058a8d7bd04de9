export { ProcessProvider } from '../providers/process.ts';
export { type ProviderWorld, providerContract } from '../providers/testing/contract.ts';
export type { KubeObject } from '../providers/testing/kube/objects.ts';
export { KubeWorld, type KubeWorldOptions, TEMPLATES, workerTemplate } from '../providers/testing/kube/world.ts';
