import { between, type Random } from './random.ts';
import type { Script, Step } from './talker.ts';

/** One connection, as it is planned. */
export interface ConnectionPlan {
  readonly number: number;
  readonly shape: Shape;
  readonly atMs: number;
  readonly agent: number;
  readonly gateway: number;
  readonly browser: Script;
  readonly target: Target;
  /** The browser goes away then, ms after it asked; whatever the connection is doing. */
  readonly abortAfterMs?: number;
}

export type Target =
  | { readonly dialMs: number; readonly script: Script }
  | { readonly dialMs: number; readonly refuses: 'target_denied' | 'target_unreachable' };

const SHAPES = [
  'request',
  'bulk down',
  'bulk up',
  'bulk both',
  'ping-pong',
  'half-closed',
  'idle',
  'target resets',
  'browser aborts',
  'slow reader',
  'refused',
  'empty',
] as const;
export type Shape = (typeof SHAPES)[number];

/** Connections of all shapes, spread over the time in which things go wrong. */
export function planWorkload(
  random: Random,
  options: { readonly count: number; readonly spanMs: number; readonly agents: number; readonly gateways: number },
): ConnectionPlan[] {
  const plans: ConnectionPlan[] = [];
  for (let number = 0; number < options.count; number += 1) {
    const shape = random.pick(SHAPES);
    const agent = random.below(options.agents);
    const gateway = random.below(options.gateways);
    // Most are there when the first fault strikes; some come in its middle.
    const atMs = random.chance(0.5) ? random.next() * 2_000 : random.next() * options.spanMs;
    plans.push({ number, shape, atMs, agent, gateway, ...planOf(shape, random) });
  }
  return plans;
}

type Talk = Pick<ConnectionPlan, 'browser' | 'target' | 'abortAfterMs'>;

function planOf(shape: Shape, random: Random): Talk {
  const dialMs = random.chance(0.1) ? between(random, 500, 6_000) : between(random, 0, 60);
  const talk = (browser: readonly Step[], target: readonly Step[]): Talk => ({
    browser: { steps: browser, chunk: chunkOf(random), ...readsOf(random) },
    target: { dialMs, script: { steps: target, chunk: chunkOf(random), ...readsOf(random) } },
  });
  const pauseMs = (most: number): number => random.next() * most;
  switch (shape) {
    case 'request': {
      const [up, down] = [bytes(random, 2_000), bytes(random, 20_000)];
      return talk(
        [{ send: up }, { expect: down }, { pauseMs: pauseMs(3_000) }, { end: true }, { expectEnd: true }],
        [{ expect: up }, { pauseMs: pauseMs(2_000) }, { send: down }, { expectEnd: true }, { end: true }],
      );
    }
    case 'bulk down': {
      const down = bulk(random);
      return talk(
        [{ send: 100 }, { expectEnd: true }, { end: true }],
        [{ expect: 100 }, ...paced(random, down), { end: true }],
      );
    }
    case 'bulk up': {
      const up = bulk(random);
      return talk(
        [...paced(random, up), { end: true }, { expectEnd: true }],
        [{ expectEnd: true }, { send: 10 }, { end: true }],
      );
    }
    case 'bulk both': {
      const [up, down] = [bulk(random), bulk(random)];
      return talk([...paced(random, up), { end: true }], [...paced(random, down), { end: true }]);
    }
    case 'ping-pong':
      return pingPong(random, talk);
    case 'half-closed': {
      const down = bytes(random, 30_000);
      return talk(
        [{ send: 50 }, { end: true }, { expectEnd: true }],
        [{ expectEnd: true }, { pauseMs: pauseMs(20_000) }, ...paced(random, down), { end: true }],
      );
    }
    case 'idle':
      return talk(
        [{ send: 10 }, { expect: 10 }, { pauseMs: between(random, 5_000, 90_000) }, { send: 20 }, { end: true }],
        [{ expect: 10 }, { send: 10 }, { expect: 30 }, { send: 5 }, { expectEnd: true }, { end: true }],
      );
    case 'target resets':
      return talk(
        [{ send: 500 }, { expectEnd: true }],
        [{ expect: 500 }, { send: bytes(random, 20_000) }, { pauseMs: pauseMs(15_000) }, { reset: 'target_reset' }],
      );
    case 'browser aborts':
      return {
        ...talk(
          [...paced(random, bulk(random)), { expectEnd: true }],
          [...paced(random, bulk(random)), { expectEnd: true }],
        ),
        abortAfterMs: random.chance(0.3) ? pauseMs(100) : pauseMs(20_000),
      };
    case 'slow reader': {
      const reads = { bytes: 1 + random.below(4_000), everyMs: between(random, 20, 300) };
      const down = Math.min(bulk(random), reads.bytes * 150);
      const { browser, target } = talk(
        [{ end: true }, { expectEnd: true }],
        [{ send: down }, { end: true }, { expectEnd: true }],
      );
      return { browser: { ...browser, reads }, target };
    }
    case 'refused':
      return {
        ...talk([], []),
        target: { dialMs, refuses: random.chance(0.5) ? 'target_denied' : 'target_unreachable' },
      };
    case 'empty':
      return talk([{ pauseMs: pauseMs(10_000) }, { end: true }], [{ pauseMs: pauseMs(10_000) }, { end: true }]);
  }
}

function pingPong(random: Random, talk: (browser: Step[], target: Step[]) => Talk): Talk {
  const size = bytes(random, 300);
  const everyMs = between(random, 20, 2_000);
  const browser: Step[] = [];
  const target: Step[] = [];
  const rounds = 10 + random.below(20);
  for (let round = 1; round <= rounds; round += 1) {
    browser.push({ send: size }, { expect: size * round }, { pauseMs: everyMs });
    target.push({ expect: size * round }, { send: size });
  }
  return talk([...browser, { end: true }, { expectEnd: true }], [...target, { end: true }, { expectEnd: true }]);
}

/** In parts with pauses between them, so that it takes a while, or all at once. */
function paced(random: Random, total: number): Step[] {
  if (random.chance(0.4)) return [{ send: total }];
  const steps: Step[] = [];
  const parts = 2 + random.below(8);
  for (let part = 0; part < parts; part += 1) {
    steps.push({ send: Math.ceil(total / parts) }, { pauseMs: random.next() * 3_000 });
  }
  return steps;
}

/** Some read at once; others a little at a time, so that bytes wait here while the path changes. */
function readsOf(random: Random): Pick<Script, 'reads'> {
  if (random.chance(0.6)) return {};
  return { reads: { bytes: 500 + random.below(8_000), everyMs: between(random, 2, 40) } };
}

function bytes(random: Random, most: number): number {
  return 1 + random.below(most);
}

function bulk(random: Random): number {
  return 20_000 + random.below(150_000);
}

function chunkOf(random: Random): number {
  return random.pick([1_000, 4_096, 16_384, 65_536]);
}
