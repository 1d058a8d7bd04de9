export { ExecProvider } from './exec.ts';
export { ProcessProvider, type ProcessProviderOptions } from './process.ts';
export type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from './provider.ts';
