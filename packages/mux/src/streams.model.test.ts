import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type Asked, freshRequest, SMALL_WINDOW, StreamPair } from './testing/stream-pair.ts';
import { TwinEnd } from './testing/twin-end.ts';

type Side = 'edge' | 'agent';
const other = (side: Side): Side => (side === 'edge' ? 'agent' : 'edge');

interface Connection {
  readonly asked: Asked;
  readonly edge: TwinEnd;
  readonly agent: TwinEnd;
  cancelled: boolean;
  broken: boolean;
}

class World {
  readonly pair = new StreamPair();
  readonly connections: Connection[] = [];

  open(): void {
    const asked = this.pair.ask(freshRequest({ connectionId: String(this.connections.length) }));
    this.connections.push({ asked, edge: new TwinEnd(), agent: new TwinEnd(), cancelled: false, broken: false });
  }

  /** The edge's end is there as soon as the answer has come. */
  notice(): void {
    for (const { asked, edge, agent } of this.connections) {
      if (asked.stream !== undefined && edge.stream === undefined) edge.attach(asked.stream, agent);
    }
    for (const connection of this.connections) this.#check(connection);
  }

  #check({ edge, agent, asked }: Connection): void {
    assert.ok(asked.answers.length <= 1);
    for (const [from, to] of [
      [edge, agent],
      [agent, edge],
    ] as const) {
      assert.ok(from.written.length - to.consumed <= SMALL_WINDOW.maxBytes, 'more is under way than the window');
      assert.ok((from.stream?.credit ?? 0) >= 0);
    }
  }

  /** The agent is asked in the order in which it heard of the connections; a twin is found by its number. */
  answer(accept: boolean): void {
    const pending = this.pair.pending.shift();
    if (pending === undefined) return;
    const connection = this.connections[Number(pending.request.connectionId)] ?? assert.fail();
    try {
      if (accept) connection.agent.attach(pending.accept(), connection.edge);
      else pending.refuse('target_denied', '');
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'cancelled');
      assert.ok(connection.cancelled);
    }
  }
}

const side = fc.constantFrom<Side>('edge', 'agent');
const nth = fc.nat(5);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), accept: fc.nat(4) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('write' as const), side, nth, bytes: fc.nat(3_000) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('consume' as const), side, nth, bytes: fc.nat(3_000) }) },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant('carry' as const), side, bytes: fc.integer({ min: 1, max: 3_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'reset' as const, 'cancel' as const), side, nth }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function apply(world: World, s: Step): void {
  if (s.do === 'open') return world.open();
  if (s.do === 'answer') return world.answer(s.accept > 0);
  if (s.do === 'wait') {
    world.pair.nowMs += s.ms;
    return;
  }
  if (s.do === 'carry') {
    (s.side === 'edge' ? world.pair.toEdge : world.pair.toAgent).carry(s.bytes);
    return;
  }
  const connection = world.connections[s.nth];
  if (connection === undefined) return;
  const end = connection[s.side];
  if (s.do === 'write') end.write(s.bytes);
  else if (s.do === 'consume') end.consume(s.bytes);
  else if (s.do === 'end') end.end();
  else if (s.do === 'cancel') {
    if (connection.asked.answers.length > 0) return;
    connection.cancelled = true;
    connection.asked.opening.cancel();
  } else if (end.stream !== undefined) {
    if (!end.stream.closed) connection.broken = true;
    end.stream.reset('aborted');
  }
}

/** Lets everything come to its end: answers, bytes, ends. */
function settle(world: World): void {
  for (let round = 0; round < 100; round += 1) {
    world.pair.deliver();
    world.notice();
    while (world.pair.pending.length > 0) world.answer(false);
    for (const connection of world.connections) {
      for (const end of [connection.edge, connection.agent]) {
        end.consume(Number.POSITIVE_INFINITY);
        if (!end.ended) end.end();
      }
    }
    if (world.pair.edge.size + world.pair.agent.size === 0 && world.pair.toAgent.idle && world.pair.toEdge.idle) return;
  }
  assert.fail('streams are left over');
}

it('two ends keep what a naive twin promises, whatever happens on the way', () => {
  let deepest = 0;
  const run = (steps: Step[]): void => {
    const world = new World();
    for (const _ of [1, 2]) world.open();
    world.pair.deliver();
    for (const _ of [1, 2]) world.answer(true);
    world.pair.deliver();
    world.notice();
    for (const s of steps) {
      apply(world, s);
      world.notice();
    }
    settle(world);
    world.pair.assertClean();
    for (const { edge, agent, asked, cancelled, broken } of world.connections) {
      assert.ok(asked.answers.length === 1 || cancelled, 'every open is answered');
      if (edge.stream === undefined || broken || cancelled) continue;
      for (const side of ['edge', 'agent'] as const) {
        const [from, to] = side === 'edge' ? [edge, agent] : [agent, edge];
        assert.deepEqual(to.read, from.written, `what the ${side} wrote arrived whole at the ${other(side)}`);
        assert.ok(to.sawEnd && !to.reset);
        deepest = Math.max(deepest, to.read.length);
      }
    }
  };
  const steps = fc.array(step, { minLength: 50, maxLength: 400, size: 'max' });
  fc.assert(fc.property(steps, run), { numRuns: 200 });
  assert.ok(deepest > 2 * SMALL_WINDOW.initialBytes, `no stream got beyond ${deepest} bytes`);
});
