export { ProcessProvider } from '../providers/process.ts';
export { type ProviderWorld, providerContract } from '../providers/testing/contract.ts';
