import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { ErrorCode } from '@culvert/base';
import { Budget } from '../budget.ts';
import type { OpenRequest } from '../payloads.ts';
import type { PendingStream } from '../pending.ts';
import type { WindowOptions } from '../receive-window.ts';
import type { Stream, StreamHandler } from '../stream.ts';
import { type Opening, Streams } from '../streams.ts';
import { KEY_BYTES } from '../wire.ts';
import { Lane } from './lane.ts';

/** Small, so that tests reach its ends; no test depends on the tuned defaults. */
export const SMALL_WINDOW: WindowOptions = { minBytes: 100, initialBytes: 1_000, maxBytes: 8_000 };

export const REQUEST: OpenRequest = {
  key: new Uint8Array(KEY_BYTES),
  sessionId: 's_1',
  connectionId: 'c_1',
  kind: 'connect',
  host: 'target.example',
  port: 443,
};

let asked = 0;

/** A request with a key and a name of its own: a key names one stream. */
export function freshRequest(over: Partial<OpenRequest> = {}): OpenRequest {
  asked += 1;
  const key = Buffer.alloc(KEY_BYTES);
  key.writeUInt32BE(asked);
  return { ...REQUEST, key, connectionId: `c_${asked}`, ...over };
}

/** Collects what a stream tells its handler. `auto`: passes everything on at once. */
export class Recorder implements StreamHandler {
  readonly events: string[] = [];
  readonly #stream: Stream;
  readonly #auto: boolean;
  bytes = Buffer.alloc(0);

  constructor(stream: Stream, auto = true) {
    this.#stream = stream;
    this.#auto = auto;
    stream.onClosed(() => this.events.push('closed'));
    stream.attach(this);
  }

  data(payload: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, payload]);
    if (this.#auto) this.#stream.consume(payload.length);
  }

  end(): void {
    this.events.push('end');
    if (this.#auto) this.#stream.consumeEnd();
  }

  reset(code: ErrorCode): void {
    this.events.push(`reset ${code}`);
  }

  writable(): void {
    this.events.push('writable');
  }
}

/** What became of an open, as text and as a stream. */
export interface Asked {
  readonly opening: Opening;
  readonly answers: string[];
  stream: Stream | undefined;
}

/** An edge's and an agent's end of one path, with a clock of their own. */
export class StreamPair {
  nowMs = 0;
  readonly edgeBudget = new Budget(1_000_000);
  readonly agentBudget = new Budget(1_000_000);
  readonly pending: PendingStream[] = [];
  readonly toAgent = new Lane((frame) => this.agent.receive(frame));
  readonly toEdge = new Lane((frame) => this.edge.receive(frame));
  readonly edge: Streams;
  readonly agent: Streams;

  constructor(options: { edgeMaxStreams?: number; agentMaxStreams?: number; window?: WindowOptions } = {}) {
    const { window = SMALL_WINDOW, edgeMaxStreams = 100, agentMaxStreams = 100 } = options;
    const common = { nowMs: () => this.nowMs, window };
    this.edge = new Streams({
      ...common,
      send: (frame) => this.toAgent.scheduler.push(frame),
      drop: (stream) => this.toAgent.scheduler.drop(stream),
      budget: this.edgeBudget,
      maxStreams: edgeMaxStreams,
    });
    this.agent = new Streams({
      ...common,
      send: (frame) => this.toEdge.scheduler.push(frame),
      drop: (stream) => this.toEdge.scheduler.drop(stream),
      budget: this.agentBudget,
      maxStreams: agentMaxStreams,
      accept: (pending) => this.pending.push(pending),
    });
  }

  ask(request: OpenRequest = freshRequest()): Asked {
    const answers: string[] = [];
    const asked: Asked = {
      answers,
      stream: undefined,
      opening: this.edge.open(request, {
        opened: (stream) => {
          answers.push('opened');
          asked.stream = stream;
        },
        refused: (code) => answers.push(`refused ${code}`),
      }),
    };
    return asked;
  }

  /** Carries everything there is both ways, until nothing is left to carry. */
  deliver(): void {
    while (this.toAgent.carry(Number.POSITIVE_INFINITY) || this.toEdge.carry(Number.POSITIVE_INFINITY));
  }

  /** An open stream: its two ends. */
  open(): { edge: Stream; agent: Stream } {
    const asked = this.ask();
    this.deliver();
    const agent = (this.pending.shift() ?? assert.fail('the agent was not asked')).accept();
    this.deliver();
    return { edge: asked.stream ?? assert.fail('the stream did not open'), agent };
  }

  /** Nothing is left of any stream: no entry, no byte of a budget, nothing to carry. */
  assertClean(): void {
    this.deliver();
    assert.equal(this.edge.size, 0, 'streams at the edge');
    assert.equal(this.agent.size, 0, 'streams at the agent');
    assert.equal(this.edgeBudget.reserved, 0, "the edge's budget");
    assert.equal(this.agentBudget.reserved, 0, "the agent's budget");
  }
}
