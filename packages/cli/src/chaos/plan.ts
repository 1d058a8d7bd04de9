import { CulvertError } from '@culvert/base';
import type { ChaosBody, ChaosFault } from '@culvert/contracts';

const ROLES = ['worker', 'gateway', 'api', 'deployer'] as const;
type Role = (typeof ROLES)[number];
type Target = Exclude<ChaosFault, { type: 'restart_redis' }>['target'];

/** `worker`, `worker 50%`, or a node's id: what a person types behind the verb. */
export function targetOf(word: string, percent: number | undefined): Target {
  const role = ROLES.find((one) => one === word);
  if (role === undefined) {
    if (percent === undefined) return { node: word };
    throw new CulvertError('config_invalid', '--percent is for a role, not for one node');
  }
  return percent === undefined ? { role } : { role, percent };
}

export interface RandomPlan {
  /** Between two faults, ms. */
  readonly everyMs: number;
  /** From the first to the last, ms. */
  readonly forMs: number;
  /** The same seed gives the same faults. */
  readonly seed: number;
  /** Where Redis can be restarted. */
  readonly redis: boolean;
}

const MAX_STEPS = 200;
/** Workers are what most depends on: half of all. */
const WEIGHED: readonly Role[] = ['worker', 'worker', 'worker', 'gateway', 'api', 'deployer'];

/** A plan of random faults at random moments, one in each period: bounded ones, that a cluster should take. */
export function randomPlan({ everyMs, forMs, seed, redis }: RandomPlan): ChaosBody {
  const count = Math.floor(forMs / everyMs);
  if (count < 1 || count > MAX_STEPS) {
    throw new CulvertError('config_invalid', `--for is 1 to ${MAX_STEPS} times --every; ${count} times was given`);
  }
  const random = sequence(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // no list is empty
  const steps = Array.from({ length: count }, (_, at) => ({
    fault: randomFault(pick, random, redis),
    afterMs: Math.round(at * everyMs + (at === 0 ? 0 : random() * everyMs * 0.5)),
  }));
  return { steps, seed };
}

function randomFault(pick: <T>(list: readonly T[]) => T, random: () => number, redis: boolean): ChaosFault {
  const target = { role: pick(WEIGHED) };
  const durationMs = 1_000 + Math.round(random() * 9_000);
  const faults: ChaosFault[] = [
    { type: 'kill', target },
    { type: 'freeze', target, durationMs },
    { type: 'cut', target, from: 'redis', durationMs },
    { type: 'cut', target: { role: 'worker' }, from: 'links', durationMs, reset: random() < 0.5 },
    { type: 'slow', target: { role: 'worker' }, what: 'links', byMs: 20, jitterMs: 30, durationMs },
    { type: 'slow', target, what: 'redis', byMs: 50, jitterMs: 50, durationMs },
  ];
  return pick(redis ? [...faults, { type: 'restart_redis', empty: random() < 0.5, downMs: 500 }] : faults);
}

/** xorshift32. */
function sequence(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}
