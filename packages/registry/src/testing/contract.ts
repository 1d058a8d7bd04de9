import { after, before, describe } from 'node:test';
import type { Registry } from '../registry.ts';
import { listContract } from './contract-list.ts';
import { lossContract } from './contract-loss.ts';
import { nodeContract } from './contract-nodes.ts';
import { claimContract, ownerContract } from './contract-sessions.ts';

/** Connects to the implementation under test. Each call is another process's view of the same, at first empty, data. */
export interface RegistryFactory {
  /** Resolves once the registry is available. `leaseMs` as in RegistryOptions. */
  connect(options?: { leaseMs?: number }): Promise<Registry>;
  /** Loses all data, as FLUSHALL or a failover without replication does. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

/** What the parts of the contract are given; the registry exists only once the tests run. */
export interface World {
  registry(): Registry;
  factory(): RegistryFactory;
}

/** What every registry has to keep, whatever it is built on. Tests use ids of their own, so they do not meet. */
export function registryContract(name: string, makeFactory: () => Promise<RegistryFactory>): void {
  describe(name, () => {
    let factory: RegistryFactory;
    let registry: Registry;
    before(async () => {
      factory = await makeFactory();
      registry = await factory.connect();
    });
    after(async () => {
      await registry.close();
      await factory.close();
    });
    const world: World = { registry: () => registry, factory: () => factory };
    describe('nodes', () => nodeContract(world));
    describe('claims', () => claimContract(world));
    describe('owners', () => ownerContract(world));
    describe('listing', () => listContract(world));
    describe('losing everything', () => lossContract(world));
  });
}
