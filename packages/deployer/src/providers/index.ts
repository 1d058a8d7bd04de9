export { ExecProvider } from './exec.ts';
export {
  type Kept,
  type KubernetesConfig,
  KubernetesProvider,
  type KubernetesProviderOptions,
  kubernetesOptions,
  kubernetesProviderOf,
} from './kubernetes/index.ts';
export { ProcessProvider, type ProcessProviderOptions } from './process.ts';
export type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from './provider.ts';
