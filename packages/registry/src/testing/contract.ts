import { after, before, describe } from 'node:test';
import type { Clock } from '@culvert/base';
import type { Registry } from '../registry.ts';
import type { NodeBoot } from '../types.ts';
import { deployLeaseContract } from './contract-deploy-lease.ts';
import { deploymentContract } from './contract-deployments.ts';
import { lateContract } from './contract-late.ts';
import { listContract } from './contract-list.ts';
import { lossContract } from './contract-loss.ts';
import { nodeContract } from './contract-nodes.ts';
import { claimContract, ownerContract } from './contract-sessions.ts';
import { beats, nodeOf } from './fixtures.ts';

export interface ConnectOptions {
  readonly leaseMs?: number;
  readonly newMs?: number;
  readonly lostMs?: number;
  readonly clock?: Clock;
  readonly hintsOf?: string;
}

/** Nobody is waited for: a data set is whole as soon as all live workers have confirmed it. */
const AT_ONCE: ConnectOptions = { newMs: 0, lostMs: 0 };

/** Connects to the implementation under test. Each call is another process's view of the same, at first empty, data. */
export interface RegistryFactory {
  /** Resolves once the registry is available and hears hints. The options are those of RegistryOptions. */
  connect(options?: ConnectOptions): Promise<Registry>;
  /** Has a lease end so many ms from now. */
  setLease(node: NodeBoot, inMs: number): Promise<void>;
  /** When a lease ends, ms of Redis's clock. */
  leaseOf(node: NodeBoot): Promise<number>;
  /** Has no node have beaten for longer than a lease. */
  fallSilent(): Promise<void>;
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
      const made = await makeFactory();
      factory = { ...made, connect: (options) => made.connect({ ...AT_ONCE, ...options }) };
      registry = await factory.connect();
      await beats(registry, nodeOf()); // the only worker there is has confirmed: the data set is whole
    });
    after(async () => {
      await registry.close();
      await factory.close();
    });
    const world: World = { registry: () => registry, factory: () => factory };
    describe('nodes', () => nodeContract(world));
    describe('claims', () => claimContract(world));
    describe('owners', () => ownerContract(world));
    describe('commands that come late', () => lateContract(world));
    describe('listing', () => listContract(world));
    describe('losing everything', () => lossContract(world));
    describe('the deploy lease', () => deployLeaseContract(world));
    describe('a deployment', () => deploymentContract(world));
  });
}
