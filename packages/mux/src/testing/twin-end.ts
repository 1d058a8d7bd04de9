import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Stream } from '../stream.ts';
import { SMALL_WINDOW } from './stream-pair.ts';

/** The naive twin of one end of a connection: everything that was written and read, in plain arrays. */
export class TwinEnd {
  readonly written: number[] = [];
  readonly read: number[] = [];
  ended = false;
  consumed = 0;
  sawEnd = false;
  reset = false;
  stream: Stream | undefined;

  /** Takes over the real end; every byte that it reads is compared with what the peer's twin has written. */
  attach(stream: Stream, peer: TwinEnd): void {
    this.stream = stream;
    stream.attach({
      data: (payload) => {
        assert.ok(payload.length > 0 && !this.sawEnd && !this.reset);
        for (const byte of payload) {
          assert.equal(byte, peer.written[this.read.length]);
          this.read.push(byte);
        }
        assert.ok(stream.unconsumed <= SMALL_WINDOW.maxBytes);
      },
      end: () => {
        assert.ok(peer.ended && !this.sawEnd && !this.reset);
        assert.equal(this.read.length, peer.written.length);
        this.sawEnd = true;
      },
      reset: () => {
        assert.ok(!this.reset, 'a reset is told once');
        this.reset = true;
      },
      writable: () => assert.ok(stream.credit > 0),
    });
  }

  write(wanted: number): void {
    const bytes = Math.min(wanted, this.stream?.credit ?? 0);
    const payload = Buffer.from(Array.from({ length: bytes }, (_, i) => (this.written.length + i) * 7 + (bytes & 31)));
    this.written.push(...payload);
    this.stream?.write(payload);
  }

  end(): void {
    if (this.stream === undefined) return;
    this.ended = true;
    this.stream.end();
  }

  consume(wanted: number): void {
    const bytes = Math.min(wanted, this.read.length - this.consumed);
    this.consumed += bytes;
    this.stream?.consume(bytes);
    if (this.sawEnd && this.consumed === this.read.length) this.stream?.consumeEnd();
  }
}
