import type { WindowOptions } from '@culvert/mux';
import { between, type Random, randomOf } from './random.ts';
import type { NetworkOptions } from './wire.ts';

/** What a seed makes of the world, before anything happens in it. */
export interface WorldConfig {
  readonly workers: number;
  readonly gateways: number;
  readonly agents: number;
  readonly connections: number;
  /** Whether the agents keep a warm standby. */
  readonly links: 1 | 2;
  /** How long faults go on, ms. */
  readonly spanMs: number;
  readonly window: WindowOptions;
  /** Above the guaranteed minimum of each stream, of each process. Bytes. */
  readonly budgetBytes: number;
  readonly highWaterBytes: number;
  readonly network: NetworkOptions;
}

/** As the real one: virtual time costs nothing. */
export const RESUME_WINDOW_MS = 60_000;

export function configOf(seed: number): WorldConfig {
  const random = randomOf(seed, 'config');
  const initialBytes = random.pick([2_048, 8_192, 16_384, 32_768]);
  return {
    workers: 2 + random.below(3),
    gateways: 1 + random.below(2),
    agents: 1 + random.below(2),
    connections: 3 + random.below(10),
    links: random.chance(0.3) ? 2 : 1,
    spanMs: between(random, 10_000, 60_000),
    window: { minBytes: random.pick([1_024, 2_048]), initialBytes, maxBytes: initialBytes * random.pick([1, 4]) },
    budgetBytes: random.chance(0.3) ? 30_000 : 1_000_000,
    highWaterBytes: random.pick([2_000, 16_384, 65_536]),
    network: networkOf(random),
  };
}

function networkOf(random: Random): NetworkOptions {
  const far = random.chance(0.3);
  return {
    delayMs: far ? [20, 120] : [0.1, 8],
    jitterMs: random.pick([0.5, 5, 40]),
    bytesPerMs: random.pick([
      [200, 1_000],
      [5_000, 50_000],
    ]),
    cuts: 1 + random.below(5),
  };
}
