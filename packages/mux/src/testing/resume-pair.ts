import assert from 'node:assert/strict';
import { Budget } from '../budget.ts';
import type { OpenRequest } from '../payloads.ts';
import type { PendingStream } from '../pending.ts';
import type { WindowOptions } from '../receive-window.ts';
import { StreamEnd } from '../stream.ts';
import { StreamStore } from '../stream-store.ts';
import { Streams } from '../streams.ts';
import { Lane } from './lane.ts';
import { type Asked, freshRequest, SMALL_WINDOW } from './stream-pair.ts';

export const RESUME_MS = 60_000;

/** One path between the two ends: what is on it when it is cut is gone. */
export class Path {
  readonly toAgent: Lane;
  readonly toEdge: Lane;
  readonly edge: Streams;
  readonly agent: Streams;
  #lost = false;

  constructor(pair: ResumePair) {
    this.toAgent = new Lane((frame) => this.agent.receive(frame));
    this.toEdge = new Lane((frame) => this.edge.receive(frame));
    const common = { nowMs: () => pair.nowMs, window: pair.window };
    this.edge = new Streams({
      ...common,
      send: (frame) => this.toAgent.scheduler.push(frame),
      drop: (stream) => this.toAgent.scheduler.drop(stream),
      budget: pair.budgets.edge,
      keptBudget: pair.budgets.edgeKept,
      detached: (stream) => pair.detached.push(stream),
    });
    this.agent = new Streams({
      ...common,
      send: (frame) => this.toEdge.scheduler.push(frame),
      drop: (stream) => this.toEdge.scheduler.drop(stream),
      store: pair.store,
      accept: (pending) => pair.pending.push(pending),
    });
    this.edge.resumable = true;
    this.agent.resumable = true;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Carries at most `bytes` over, one frame at a time and by turns. Returns how many were left over. */
  carry(bytes: number): number {
    let left = bytes;
    for (let moved = true; moved && left > 0 && !this.#lost; ) {
      moved = false;
      for (const lane of [this.toAgent, this.toEdge]) {
        const carried = lane.carryFrame(left);
        left -= carried;
        moved ||= carried > 0;
      }
    }
    return left;
  }

  /** Both ends notice that it is gone. */
  cut(): void {
    this.cutAt('edge');
    this.cutAt('agent');
  }

  /** One end notices; nothing is carried from now on. */
  cutAt(side: 'edge' | 'agent'): void {
    this.#lost = true;
    this[side].lost('link_lost', 'cut');
  }
}

/** An edge and an agent between whom paths come and go, with a clock of their own. */
export class ResumePair {
  nowMs = 0;
  readonly window: WindowOptions;
  readonly budgets = {
    edge: new Budget(1_000_000),
    edgeKept: new Budget(1_000_000),
    agent: new Budget(1_000_000),
    agentKept: new Budget(1_000_000),
  };
  readonly store: StreamStore;
  readonly pending: PendingStream[] = [];
  /** The edge's streams that have lost a path, each time one did. */
  readonly detached: StreamEnd[] = [];
  readonly #paths: Path[] = [];

  constructor(window: WindowOptions = SMALL_WINDOW) {
    this.window = window;
    this.store = new StreamStore({
      nowMs: () => this.nowMs,
      resumeWindowMs: RESUME_MS,
      window,
      budget: this.budgets.agent,
      keptBudget: this.budgets.agentKept,
    });
    this.connect();
  }

  /** The newest path. */
  get path(): Path {
    return this.#paths.at(-1) ?? assert.fail('there is always a path');
  }

  connect(): Path {
    const path = new Path(this);
    this.#paths.push(path);
    return path;
  }

  /** The newest path is cut, and there is another one. */
  replacePath(): Path {
    this.path.cut();
    return this.connect();
  }

  ask(request: OpenRequest = freshRequest()): Asked {
    const answers: string[] = [];
    const asked: Asked = {
      answers,
      stream: undefined,
      opening: this.path.edge.open(request, {
        opened: (stream) => {
          answers.push('opened');
          asked.stream = stream;
        },
        refused: (code) => answers.push(`refused ${code}`),
      }),
    };
    return asked;
  }

  /** An open stream: its two ends. */
  open(): { edge: StreamEnd; agent: StreamEnd } {
    const asked = this.ask();
    this.deliver();
    const agent = (this.pending.shift() ?? assert.fail('the agent was not asked')).accept();
    this.deliver();
    assert.ok(asked.stream instanceof StreamEnd && agent instanceof StreamEnd);
    return { edge: asked.stream, agent };
  }

  /** The edge asks to go on with a stream over the newest path; what came of it. */
  resume(stream: StreamEnd): string[] {
    const answers: string[] = [];
    this.path.edge.resume(stream, {
      resumed: (replayed) => answers.push(`resumed ${replayed}`),
      refused: (code) => answers.push(`refused ${code}`),
    });
    return answers;
  }

  /** Carries everything over all paths that live, until nothing is left to carry. */
  deliver(): void {
    for (const path of this.#paths) if (!path.lost) path.carry(Number.POSITIVE_INFINITY);
  }

  /** Time goes on, and what is due at the agent is done. */
  wait(ms: number): void {
    this.nowMs += ms;
    this.store.tick();
  }

  /** Nothing is left of any stream: no entry on any path or in the store, no byte of a budget. */
  assertClean(): void {
    this.deliver();
    for (const { edge, agent } of this.#paths) assert.deepEqual([edge.size, agent.size], [0, 0], 'streams on a path');
    assert.deepEqual([this.store.size, this.store.detached], [0, 0], "the agent's streams");
    for (const [name, budget] of Object.entries(this.budgets)) assert.equal(budget.reserved, 0, `budget ${name}`);
  }
}
