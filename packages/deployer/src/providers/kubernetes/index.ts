export type { Kept } from './keeper.ts';
export { KubernetesProvider, type KubernetesProviderOptions } from './kubernetes.ts';
export { type KubernetesConfig, kubernetesOptions, kubernetesProviderOf } from './options.ts';
