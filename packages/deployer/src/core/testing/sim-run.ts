import assert from 'node:assert/strict';
import type { DeploymentRequest } from '@culvert/contracts';
import type { StoredCommand } from '@culvert/registry';
import { isOver } from '../ending.ts';
import { begin, needs, next, toView } from '../index.ts';
import { strategyOf } from '../strategy.ts';
import type { CoreState, Decision, Effect, Observation } from '../types.ts';
import { commandOf, T0 } from './fixtures.ts';
import { SimWorld } from './sim-world.ts';

/** One deployment over a simulated cluster, with everything that must always hold checked at each tick. */
export class SimRun {
  readonly world: SimWorld;
  state: CoreState;
  last: Decision | undefined;
  /** What the world does to the effects of a tick; as they are by default. */
  carry: (effects: readonly Effect[]) => readonly Effect[] = (effects) => effects;
  /** Parts of the observation that are missing, or wrong. */
  blind: (observation: Observation) => Partial<Observation> = () => ({});
  readonly seen = new Set<string>();
  forceOrdered = false;
  kills = 0;
  #tickAtMs = T0;
  #commands: StoredCommand[] = [];
  readonly #contents = new Map<string, string>();
  readonly #count: number;

  constructor(request: DeploymentRequest, count = 4, sessions = 40) {
    this.world = new SimWorld(request, count, sessions);
    this.#count = count;
    this.forceOrdered = request.onDeadline === 'force';
    this.state = begin({ id: 'd_1', createdAtMs: T0, core: { request, createdBy: 'k_ops' } });
  }

  command(verb: string, more: Partial<StoredCommand> = {}): void {
    if (verb === 'force') this.forceOrdered = true;
    this.#commands.push(commandOf(verb, { id: `c${this.#commands.length}-${this.world.nowMs}`, ...more }));
    this.#tickAtMs = this.world.nowMs;
  }

  kill(id: string): void {
    if (this.world.nodes.get(id)?.isUp(this.world.nowMs)) this.kills += 1;
    this.world.kill(id);
  }

  /** Until `done` holds, or it is over, or so many ms have passed. */
  run(forMs: number, done: (run: SimRun) => boolean = () => false): this {
    const until = this.world.nowMs + forMs;
    while (this.world.nowMs < until && !isOver(this.state) && !done(this)) {
      if (this.world.nowMs >= this.#tickAtMs) this.tick();
      this.world.step(this.state.state === 'paused' && this.#commands.length === 0 ? 5_000 : 50);
      this.#checkCapacity();
    }
    return this;
  }

  /** Nobody is there to tick. */
  absent(forMs: number): this {
    const until = this.world.nowMs + forMs;
    while (this.world.nowMs < until) this.world.step();
    return this;
  }

  tick(): Decision {
    const { nowMs } = this.world;
    const whole = this.world.observe(needs(this.state), { commands: this.#commands });
    const decision = next(this.state, { ...whole, ...this.blind(whole) }, nowMs);
    assert.deepEqual(JSON.parse(JSON.stringify(decision.state)), decision.state, 'the state is a JSON value');
    this.#check(decision);
    this.state = decision.state;
    this.last = decision;
    this.seen.add(this.state.state);
    this.#commands = this.#commands.filter(({ id }) => !decision.taken.includes(id));
    this.#tickAtMs = decision.tickAtMs ?? Number.POSITIVE_INFINITY;
    for (const effect of this.carry(decision.effects)) this.world.apply(effect);
    toView(this.state, whole, 1);
    return decision;
  }

  #check({ effects, state, why, tickAtMs }: Decision): void {
    for (const effect of effects) {
      const content = JSON.stringify(effect);
      assert.equal(this.#contents.get(effect.key) ?? content, content, 'one key, one content');
      this.#contents.set(effect.key, content);
      if (effect.kind === 'terminate') this.#checkTermination(effect.node);
      const isForce =
        (effect.kind === 'drain' && effect.stage === 'force') || (effect.kind === 'retire' && effect.deadlineMs === 0);
      assert.ok(!isForce || this.forceOrdered, 'force is never implicit');
    }
    const { drains } = strategyOf(state.request, state.units.length);
    const drained = new Set(
      effects.flatMap((effect) => (effect.kind === 'drain' || effect.kind === 'retire' ? effect.node : [])),
    );
    assert.ok(drained.size <= drains, `${[...drained].join()} are drained at once`);
    if (isOver(state)) return assert.equal(tickAtMs, null);
    assert.ok(why.reasons.length > 0, `it says why it waits (${state.state})`);
    assert.ok(tickAtMs !== null && tickAtMs > this.world.nowMs);
    assert.ok(state.state !== 'paused' || state.reason !== null, 'paused, and says why');
  }

  /** At the moment of the order, not before: whoever is ended has nothing left. */
  #checkTermination(id: string): void {
    const node = this.world.nodes.get(id);
    if (node === undefined || node.endsAtMs !== null || !node.isUp(this.world.nowMs) || this.forceOrdered) return;
    if (this.world.request.role === 'worker' && !node.wasOpen) return;
    const isEmpty = node.sessions === 0 && (node.cordoned || node.retired);
    assert.ok(isEmpty, `${id} is ended with ${node.sessions} sessions, cordoned: ${node.cordoned}`);
  }

  #checkCapacity(): void {
    const least = this.#count - this.kills - (this.world.request.kind === 'rehearsal' ? 1 : 0);
    if (this.world.request.role !== 'worker') return;
    assert.ok(
      this.world.serving().length >= least,
      `only ${this.world
        .serving()
        .map(({ id }) => id)
        .join()} serve`,
    );
  }
}
