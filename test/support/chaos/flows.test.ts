import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { eventually } from '../eventually.ts';
import { startTcpTarget, type Target } from '../targets/target.ts';
import type { Flow } from './flow.ts';
import { ExchangeFlow } from './flows/exchange.ts';
import { StreamFlow } from './flows/stream.ts';
import type { Ends } from './rendezvous.ts';

/** What a connection does to what it carries, told the number of the piece. */
type Fault = (chunk: Buffer, piece: number) => Buffer;

const FAULTS: Readonly<Record<string, Fault>> = {
  'a bit that is turned': (chunk, piece) => {
    if (piece === 5) chunk[0] = (chunk[0] ?? 0) ^ 1;
    return chunk;
  },
  'a byte that is lost': (chunk, piece) => (piece === 5 ? chunk.subarray(1) : chunk),
  'a piece that comes twice': (chunk, piece) => (piece === 5 ? Buffer.concat([chunk, chunk]) : chunk),
};
const fine: Fault = (chunk) => chunk;

describe('flows that look at their own bytes', { timeout: 30_000 }, () => {
  for (const [kind, open] of Object.entries({ stream, halfClosed, exchange })) {
    describe(kind, () => {
      it('finds nothing wrong where nothing is', async () => {
        await using pair = await Pair.open(fine);
        const flow = await open(pair.ends);
        for (let passed = 0; passed < 10; passed += 1) await flow.passed();
        await flow.finish();
        assert.deepEqual({ wrong: flow.wrong, lost: flow.lost }, { wrong: 0, lost: undefined });
      });

      for (const [what, fault] of Object.entries(FAULTS)) {
        it(`finds ${what}`, async () => {
          await using pair = await Pair.open(fault);
          const flow = await open(pair.ends);
          await eventually('a wrong byte', () => flow.wrong > 0);
          flow.destroy();
        });
      }

      for (const side of ['browser', 'target'] as const) {
        it(`is lost when the ${side}’s socket is cut`, async () => {
          await using pair = await Pair.open(fine);
          const flow = await open(pair.ends);
          const passed = flow.passed();
          pair.ends[side].destroy();
          await assert.rejects(passed);
          assert.match(flow.lost?.message ?? '', /^the (?:browser|target)’s socket |^an end came after/);
          await assert.rejects(flow.finish());
        });
      }
    });
  }
});

function stream(ends: Ends): Promise<Flow> {
  const pace = { pieceBytes: 1_000, periodMs: 5 };
  return StreamFlow.open({ kind: 'stream', way: 'here', ends, name: 'x', from: 'browser', halfClosed: false, ...pace });
}

function halfClosed(ends: Ends): Promise<Flow> {
  const pace = { pieceBytes: 1_000, periodMs: 5 };
  return StreamFlow.open({ kind: 'half', way: 'here', ends, name: 'x', from: 'browser', halfClosed: true, ...pace });
}

function exchange(ends: Ends): Promise<Flow> {
  return ExchangeFlow.open({ kind: 'exchange', way: 'here', ends, name: 'x', periodMs: 5 });
}

/** Two ends of a connection that passes something which may spoil what the browser sends. */
class Pair implements AsyncDisposable {
  readonly ends: Ends;
  readonly #targets: readonly Target[];

  private constructor(ends: Ends, targets: readonly Target[]) {
    this.ends = ends;
    this.#targets = targets;
  }

  static async open(fault: Fault): Promise<Pair> {
    const arrived = Promise.withResolvers<Socket>();
    const target = await startTcpTarget(arrived.resolve);
    const between = await startTcpTarget((near) => {
      const far = connect({ port: target.port, host: '127.0.0.1', allowHalfOpen: true });
      far.on('error', () => undefined).on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      far.pipe(near);
      let piece = 0;
      near.on('data', (chunk: Buffer) => {
        piece += 1;
        far.write(fault(chunk, piece));
      });
      near.on('end', () => far.end());
    });
    const browser = connect({ port: between.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(browser, 'connect');
    return new Pair({ browser, target: await arrived.promise }, [between, target]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const target of this.#targets) await target[Symbol.asyncDispose]();
    this.ends.browser.destroy();
  }
}
