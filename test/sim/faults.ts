import { RESUME_WINDOW_MS, type WorldConfig } from './config.ts';
import { between, type Random, randomOf } from './random.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimWorker } from './sim-worker.ts';
import type { World } from './world.ts';

const KINDS = {
  'cut a connection': 4,
  'black hole': 3,
  stall: 3,
  'cut the newborn': 4,
  chase: 3,
  'worker killed': 5,
  'worker host lost': 2,
  'worker frozen': 4,
  'worker restarted': 4,
  'worker drained': 3,
  'agent cut off': 3,
  'agent frozen': 1,
  'registry away': 2,
  'registry slow': 1,
  'registry empty': 1,
  'registry fails over': 1.5,
  'worker cut off from the registry': 1.5,
  'gateway killed': 1,
  'another agent': 0.5,
  'agent cut off for long': 0.4,
} as const;
export type FaultKind = keyof typeof KINDS;

/** One thing that goes wrong, with the chance that it needs: leaving one out changes no other. */
export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly random: Random;
}

/** Before the first fault, so that most connections are there. ms. */
const FIRST_MS = 2_500;
/** Between two episodes: enough for everything that is promised to have come true. */
const QUIET_MS = 75_000;
/** After this, what a fault of such a length did to those who want to open is over. ms. */
const AFTERMATH_MS = 40_000;

/** Episodes of a few faults close to each other, with quiet in between: a second loss in the middle of a resume is common. */
export function planFaults(seed: number, config: WorldConfig): Fault[] {
  const random = randomOf(seed, 'faults');
  const faults: Fault[] = [];
  let atMs = FIRST_MS;
  const episodes = 1 + random.below(2);
  for (let episode = 0; episode < episodes; episode += 1) {
    const count = 1 + random.below(5);
    const span = random.chance(0.5) ? 1_500 : Math.min(20_000, config.spanMs);
    for (let n = 0; n < count; n += 1) {
      const number = faults.length;
      const kind = pickKind(random);
      faults.push({ number, kind, atMs: atMs + random.next() * span, random: randomOf(seed, `fault ${number}`) });
    }
    atMs += span + QUIET_MS;
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs);
}

function pickKind(random: Random): FaultKind {
  const entries = Object.entries(KINDS) as [FaultKind, number][];
  const sum = entries.reduce((total, [, weight]) => total + weight, 0);
  let rest = random.next() * sum;
  for (const [kind, weight] of entries) {
    rest -= weight;
    if (rest < 0) return kind;
  }
  return 'cut a connection';
}

/** Carries a fault out now. Returns what it did, in words; undefined when there was nothing to do it to. */
export function strike(world: World, { kind, random }: Fault): string | undefined {
  switch (kind) {
    case 'cut a connection':
      return cut(world, random);
    case 'black hole':
      return blackHole(world, random);
    case 'stall':
      return stall(world, random);
    case 'cut the newborn':
      return cutNewborn(world, random);
    case 'chase':
      return chase(world, random);
    case 'worker killed':
      return killWorker(world, random, false);
    case 'worker host lost':
      return killWorker(world, random, true);
    case 'worker frozen':
      return freezeWorker(world, random);
    case 'worker restarted':
      return restartWorker(world, random);
    case 'worker drained':
      return drainWorker(world, random);
    case 'agent cut off':
      return cutOff(world, random, between(random, 300, 25_000));
    case 'agent cut off for long':
      return cutOff(world, random, RESUME_WINDOW_MS + between(random, 20_000, 60_000));
    case 'another agent':
      return startRival(world, random);
    case 'agent frozen':
      return freezeAgent(world, random);
    case 'registry away':
      return registryAway(world, random);
    case 'registry slow':
      return registrySlow(world, random);
    case 'registry empty':
      world.troubled(20_000 + AFTERMATH_MS);
      world.registry.loseData(random.chance(0.5));
      return 'the registry loses its data';
    case 'registry fails over':
      return failOver(world, random);
    case 'worker cut off from the registry':
      return cutOffFromRegistry(world, random);
    case 'gateway killed':
      return killGateway(world, random);
  }
}

/** Most often the owner of a session: that is where it hurts. */
function pickWorker(world: World, random: Random): SimWorker | undefined {
  const alive = world.workers.filter(({ process }) => !process.dead && !process.frozen);
  const owners = alive.filter(({ sessions }) => sessions.size > 0);
  const from = owners.length > 0 && random.chance(0.8) ? owners : alive;
  return from.length === 0 ? undefined : random.pick(from);
}

function pickAgent(world: World, random: Random): SimAgent {
  return random.pick(world.agents);
}

/** Each side learns on its own, at once or after a while. */
function learnMs(random: Random): [number, number] {
  const one = (): number => (random.chance(0.7) ? random.next() * 20 : random.next() * 4_000);
  return [one(), one()];
}

function cut(world: World, random: Random): string | undefined {
  const { wires } = world.network;
  if (wires.length === 0) return undefined;
  const wire = random.pick(wires);
  world.troubled(5_000 + AFTERMATH_MS);
  wire.cut(learnMs(random));
  return `the connection ${wire.name} is cut`;
}

function blackHole(world: World, random: Random): string | undefined {
  const { wires } = world.network;
  if (wires.length === 0) return undefined;
  const wire = random.pick(wires);
  const direction = random.pick(['both', 'to dialer', 'to acceptor'] as const);
  world.troubled(13_000 + AFTERMATH_MS);
  wire.blackHole(direction);
  return `the connection ${wire.name} is a black hole (${direction})`;
}

function stall(world: World, random: Random): string | undefined {
  const { wires } = world.network;
  if (wires.length === 0) return undefined;
  const wire = random.pick(wires);
  const ms = random.chance(0.8) ? between(random, 100, 5_000) : between(random, 5_000, 20_000);
  world.troubled(ms + AFTERMATH_MS);
  wire.stall(ms);
  return `the connection ${wire.name} stalls for ${Math.round(ms)} ms`;
}

/** The next connections that are made are cut as soon as they are there: in the handshake, the claim, or the resume. */
function cutNewborn(world: World, random: Random): string {
  const count = 1 + random.below(3);
  world.troubled(10_000 + AFTERMATH_MS);
  world.cutNewborns(count, () => random.next() * 60, random);
  return `the next ${count} connections are cut as soon as they are made`;
}

/** Whatever an agent attaches over is cut again. */
function chase(world: World, random: Random): string {
  const agent = pickAgent(world, random);
  const times = 2 + random.below(4);
  let atMs = 0;
  for (let n = 0; n < times; n += 1) {
    world.later(atMs, () => {
      for (const wire of world.network.wires) if (wire.joins(agent.process.name)) wire.cut(learnMs(random));
    });
    atMs += random.next() * 2_500;
  }
  world.troubled(atMs + AFTERMATH_MS);
  return `the connections of ${agent.process.name} are cut ${times} times in ${Math.round(atMs)} ms`;
}

function killWorker(world: World, random: Random, silently: boolean): string | undefined {
  const worker = pickWorker(world, random);
  if (worker === undefined) return undefined;
  const backMs = silently ? between(random, 14_000, 20_000) : between(random, 200, 10_000);
  world.troubled(backMs + 13_000 + AFTERMATH_MS);
  world.killWorker(worker, silently);
  world.later(backMs, () => world.startWorker(worker.process.name));
  const how = silently ? 'loses its host' : 'is killed';
  return `${worker.process.name} ${how}, and is back in ${Math.round(backMs)} ms`;
}

function freezeWorker(world: World, random: Random): string | undefined {
  const worker = pickWorker(world, random);
  if (worker === undefined) return undefined;
  const ms = random.chance(0.3) ? between(random, 200, 3_000) : between(random, 3_000, 25_000);
  world.troubled(ms + AFTERMATH_MS);
  const { process } = worker;
  process.freeze();
  world.later(ms, () => {
    world.story.say('faults', `${process.name} is thawed`);
    process.thaw();
  });
  return `${process.name} is frozen for ${Math.round(ms)} ms`;
}

/** Another one has to be there to take its sessions: a planned replacement is not a loss. */
function othersReady(world: World, worker: SimWorker): boolean {
  return world.workers.some((other) => {
    const { process } = other;
    return (
      other !== worker && !process.dead && !process.frozen && !other.draining && world.registry.isReady(process.name)
    );
  });
}

function restartWorker(world: World, random: Random): string | undefined {
  const worker = pickWorker(world, random);
  if (worker === undefined || worker.draining || !othersReady(world, worker)) return undefined;
  const backMs = between(random, 100, 3_000);
  void world.stopWorker(worker).then(() => world.later(backMs, () => world.startWorker(worker.process.name)));
  return `${worker.process.name} is told to stop, and starts again after that`;
}

function drainWorker(world: World, random: Random): string | undefined {
  const worker = pickWorker(world, random);
  if (worker === undefined || worker.draining || !othersReady(world, worker)) return undefined;
  const ms = between(random, 1_000, 15_000);
  const { process } = worker;
  process.run(() => worker.startDrain());
  process.after(ms, () => worker.undrain());
  return `${process.name} is drained for ${Math.round(ms)} ms`;
}

function cutOff(world: World, random: Random, ms: number): string {
  const { process, sessionId } = pickAgent(world, random);
  const aware = random.chance(0.5);
  const sameAddress = random.chance(0.5);
  world.troubled(ms + AFTERMATH_MS);
  if (ms >= RESUME_WINDOW_MS) world.excuse(sessionId, 'cut off');
  world.network.isolate(process.name, aware);
  world.later(ms, () => {
    world.story.say('faults', `${process.name} is back`);
    world.network.join(process.name, sameAddress);
  });
  return `${process.name} is cut off for ${Math.round(ms)} ms, ${aware ? 'and sees it' : 'unaware'}, back ${sameAddress ? 'as it was' : 'with another address'}`;
}

/** The same session is opened by a second agent: it wins, and the first one ends for good. */
function startRival(world: World, random: Random): string | undefined {
  const { sessionId } = pickAgent(world, random);
  if (world.isContested(sessionId)) return undefined;
  world.troubled(AFTERMATH_MS);
  world.startRival(sessionId);
  return `a second agent opens ${sessionId}`;
}

function freezeAgent(world: World, random: Random): string {
  const { process } = pickAgent(world, random);
  const ms = between(random, 500, 20_000);
  world.troubled(ms + AFTERMATH_MS);
  process.freeze();
  world.later(ms, () => {
    world.story.say('faults', `${process.name} is thawed`);
    process.thaw();
  });
  return `${process.name} is frozen for ${Math.round(ms)} ms`;
}

function registryAway(world: World, random: Random): string {
  const ms = between(random, 300, 10_000);
  const how = random.pick(['refusing', 'silent'] as const);
  world.troubled(ms + AFTERMATH_MS);
  world.registry.goAway(how);
  world.later(ms, () => {
    world.story.say('faults', 'the registry is back');
    world.registry.comeBack();
  });
  return `the registry is away (${how}) for ${Math.round(ms)} ms`;
}

function registrySlow(world: World, random: Random): string {
  const ms = between(random, 1_000, 10_000);
  world.troubled(ms + AFTERMATH_MS);
  world.registry.slow = true;
  world.later(ms, () => {
    world.registry.slow = false;
  });
  return `the registry is slow for ${Math.round(ms)} ms`;
}

/** A replica takes over that lags: what the registry was told last is lost, and those who told it do not know. */
function failOver(world: World, random: Random): string {
  const lagMs = random.chance(0.5) ? between(random, 1, 100) : between(random, 100, 5_000);
  const replica = world.registry.snapshot();
  world.troubled(lagMs + 20_000 + AFTERMATH_MS);
  world.later(lagMs, () => {
    world.story.say('faults', `the registry fails over, and has lost the last ${Math.round(lagMs)} ms`);
    world.registry.failOver(replica);
  });
  return `the replica of the registry hears of nothing any more`;
}

/** The others reach it, and the worker reaches everybody else. */
function cutOffFromRegistry(world: World, random: Random): string | undefined {
  const worker = pickWorker(world, random);
  if (worker === undefined || worker.draining) return undefined;
  const ms = random.chance(0.3) ? between(random, 500, 7_000) : between(random, 7_000, 40_000);
  world.troubled(ms + AFTERMATH_MS);
  const { process, registry } = worker;
  registry.isolate();
  world.later(ms, () => {
    world.story.say('faults', `${process.name} reaches the registry again`);
    registry.join();
  });
  return `${process.name} is cut off from the registry for ${Math.round(ms)} ms`;
}

function killGateway(world: World, random: Random): string | undefined {
  const alive = world.gateways.filter(({ process }) => !process.dead);
  if (alive.length === 0) return undefined;
  const gateway = random.pick(alive);
  const silently = random.chance(0.3);
  const backMs = between(random, 500, 5_000);
  world.troubled(backMs + AFTERMATH_MS);
  world.killGateway(gateway, silently);
  world.later(backMs, () => world.startGateway(gateway.process.name));
  return `${gateway.process.name} ${silently ? 'loses its host' : 'is killed'}, and is back in ${Math.round(backMs)} ms`;
}
