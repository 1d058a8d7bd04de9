import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { OpenRequest } from './payloads.ts';
import { StreamEnd } from './stream.ts';
import { RESUME_MS, ResumePair } from './testing/resume-pair.ts';
import { type Asked, freshRequest, SMALL_WINDOW } from './testing/stream-pair.ts';
import { TwinEnd } from './testing/twin-end.ts';

type Side = 'edge' | 'agent';

/** A connection as a browser has it: asked for until it is answered, resumed until it is over. */
class Connection {
  readonly edge = new TwinEnd();
  readonly agent = new TwinEnd();
  readonly request: OpenRequest;
  asked: Asked;
  attempt = 0;
  /** One of the two ends was reset, or the agent refused. */
  broken = false;

  constructor(pair: ResumePair, name: number) {
    this.request = freshRequest({ connectionId: String(name) });
    this.asked = pair.ask(this.request);
  }
}

class World {
  readonly pair = new ResumePair();
  readonly connections: Connection[] = [];
  readonly #waiting = new Set<StreamEnd>();
  replayed = 0;
  losses = 0;

  open(): void {
    if (!this.pair.path.lost) this.connections.push(new Connection(this.pair, this.connections.length));
  }

  /** A new path; whatever the old one carried is asked for again over it. */
  replacePath(): void {
    this.losses += 1;
    this.pair.replacePath();
    for (const connection of this.connections) this.#askAgain(connection);
    for (const stream of this.pair.detached.splice(0)) this.#waiting.add(stream);
    for (const stream of [...this.#waiting]) this.#resume(stream);
  }

  /** The edge's end is there as soon as the answer has come. */
  notice(): void {
    for (const { asked, edge, agent } of this.connections) {
      if (asked.stream !== undefined && edge.stream === undefined) edge.attach(asked.stream, agent);
    }
    for (const { edge, agent } of this.connections) {
      for (const [from, to] of [
        [edge, agent],
        [agent, edge],
      ] as const) {
        assert.ok(from.written.length - to.consumed <= SMALL_WINDOW.maxBytes, 'more is under way than the window');
      }
    }
  }

  answer(accept: boolean): void {
    const pending = this.pair.pending.shift();
    if (pending === undefined) return;
    const connection = this.connections[Number(pending.request.connectionId)] ?? assert.fail();
    if (accept) return connection.agent.attach(pending.accept(), connection.edge);
    connection.broken = true;
    pending.refuse('target_denied', '');
  }

  #askAgain(connection: Connection): void {
    if (connection.asked.answers[0] !== 'refused link_lost') return;
    connection.attempt += 1;
    connection.asked = this.pair.ask({ ...connection.request, attempt: connection.attempt });
  }

  #resume(stream: StreamEnd): void {
    const connection = this.connections[Number(stream.connectionId)] ?? assert.fail();
    this.pair.path.edge.resume(stream, {
      resumed: (replayed) => {
        this.replayed += replayed;
        this.#waiting.delete(stream);
      },
      refused: (code, message) => {
        if (code === 'link_lost') return;
        assert.ok(connection.broken, `refused with ${code}: ${message}`);
        this.#waiting.delete(stream);
        stream.breakOff(code, message);
      },
    });
  }
}

const side = fc.constantFrom<Side>('edge', 'agent');
const nth = fc.nat(4);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), accept: fc.nat(9) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('write' as const), side, nth, bytes: fc.nat(3_000) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('consume' as const), side, nth, bytes: fc.nat(3_000) }) },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant('carry' as const), side, bytes: fc.integer({ min: 1, max: 3_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('noticed' as const), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), side, nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reset' as const), side, nth, chance: fc.nat(9) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function apply(world: World, s: Step): void {
  const { path } = world.pair;
  if (s.do === 'open') return world.open();
  if (s.do === 'answer') return world.answer(s.accept > 0);
  if (s.do === 'replace') return world.replacePath();
  if (s.do === 'cut') return path.cut();
  if (s.do === 'noticed') return path.cutAt(s.side);
  if (s.do === 'wait') {
    world.pair.nowMs += s.ms;
    return;
  }
  if (s.do === 'carry') {
    if (!path.lost) (s.side === 'edge' ? path.toEdge : path.toAgent).carry(s.bytes);
    return;
  }
  const connection = world.connections[s.nth];
  if (connection === undefined) return;
  const end = connection[s.side];
  if (s.do === 'write') end.write(s.bytes);
  else if (s.do === 'consume') end.consume(s.bytes);
  else if (s.do === 'end') end.end();
  else if (s.chance === 0 && end.stream !== undefined) {
    if (!end.stream.closed) connection.broken = true;
    end.stream.reset('aborted');
  }
}

/** Lets everything come to its end over paths that hold: answers, bytes, ends. */
function settle(world: World): void {
  const { pair } = world;
  for (let round = 0; round < 100; round += 1) {
    if (round % 10 === 0) world.replacePath();
    pair.deliver();
    while (pair.pending.length > 0) world.answer(true);
    world.notice();
    for (const { edge, agent } of world.connections) {
      for (const end of [edge, agent]) {
        end.consume(Number.POSITIVE_INFINITY);
        if (!end.ended) end.end();
      }
    }
    if (world.connections.every(({ edge }) => edge.stream?.closed) && pair.path.edge.size === 0) break;
  }
  pair.deliver();
  // An agent whose peer's last word was lost waits for it; so does one whose edge never heard that it was open.
  pair.path.cut();
  pair.wait(RESUME_MS);
}

it('whatever the paths do, bytes arrive exactly once and in order, and nothing is left over', () => {
  const most = { replayed: 0, losses: 0, read: 0 };
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
    for (const { edge, agent, asked, broken } of world.connections) {
      assert.ok(asked.answers.length === 1, 'every open is answered');
      for (const { stream } of [edge, agent])
        assert.ok(!(stream instanceof StreamEnd) || stream.closed, 'all are over');
      if (broken) continue;
      for (const [from, to] of [
        [edge, agent],
        [agent, edge],
      ] as const) {
        assert.deepEqual(to.read, from.written);
        assert.ok(to.sawEnd && !to.reset);
        most.read = Math.max(most.read, to.read.length);
      }
    }
    world.pair.assertClean();
    most.replayed = Math.max(most.replayed, world.replayed);
    most.losses = Math.max(most.losses, world.losses);
  };
  const steps = fc.array(step, { minLength: 50, maxLength: 400, size: 'max' });
  fc.assert(fc.property(steps, run), { numRuns: 200 });
  assert.ok(most.replayed > SMALL_WINDOW.initialBytes, `no more than ${most.replayed} bytes were sent again`);
  assert.ok(most.losses > 5 && most.read > 2 * SMALL_WINDOW.initialBytes, JSON.stringify(most));
});
