import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { getVia } from '../../support/proxy-client.ts';
import { type Digest, digestOf, type Halt, Pattern } from '../../support/targets/pattern.ts';
import { startTcpTarget, startWebTarget } from '../../support/targets/target.ts';
import { MemoryWatch } from './levels.ts';
import { HOST, Path, WAYS } from './setup.ts';

const MB = 1 << 20;
/** `CULVERT_TEST_BULK_GB=5 npm test -- system/path/bulk` for a longer look at memory. */
const GIGABYTES = Number(process.env.CULVERT_TEST_BULK_GB ?? 0.5);
/** Where a reader makes a halt, and what windows and kernel buffers may hold between it and its sender then. */
const HALT_AT_BYTES = 64 * MB;
const MAX_UNDER_WAY_BYTES = 64 * MB;
const MAX_GROWTH_BYTES = 150 * MB;
/** Looks in a row at which nothing has moved, and so nothing will. */
const LOOKS = 8;
const FAST_READERS = 6;
const SMALL_REQUESTS = 25;

describe('bulk', { timeout: 240_000 * GIGABYTES }, () => {
  const gigabyte = new Pattern(GIGABYTES * 1024 * MB);
  const quarter = new Pattern(256 * MB);
  const page = new Pattern(8 * MB);
  let path: Path;
  before(async () => {
    path = await Path.open();
  });
  after(() => path.end());

  for (const way of WAYS) {
    describe(`through the ${way} address`, () => {
      it(`carries ${GIGABYTES} GB down over CONNECT, in flat memory, as fast as the browser reads`, async () => {
        let sender: Socket | undefined;
        await using target = await startTcpTarget((socket) => {
          sender = socket;
          void gigabyte.sendTo(socket);
        });
        using memory = new MemoryWatch(path);
        const reader = await path.tunnel(way, target.port);
        assert.deepEqual(
          await digestOf(
            reader,
            halting(() => sender),
          ),
          gigabyte.digest,
        );
        expectFlat(memory);
      });

      it(`carries ${GIGABYTES} GB up over CONNECT, in flat memory, as fast as the target reads`, async () => {
        const arrived = Promise.withResolvers<Digest>();
        await using target = await startTcpTarget((socket) => {
          digestOf(
            socket,
            halting(() => sender),
          ).then(arrived.resolve, arrived.reject);
        });
        using memory = new MemoryWatch(path);
        const sender = await path.tunnel(way, target.port);
        const [digest] = await Promise.all([arrived.promise, gigabyte.sendTo(sender)]);
        assert.deepEqual(digest, gigabyte.digest);
        expectFlat(memory);
      });

      it('carries 256 MB down by absolute URI, in flat memory, as fast as the browser reads', async () => {
        let sender: Socket | undefined;
        await using target = await startWebTarget((request, response) => {
          sender = request.socket;
          void quarter.sendTo(response);
        });
        using memory = new MemoryWatch(path);
        const [response]: IncomingMessage[] = await once(path.request(way, target.port).end(), 'response');
        assert.ok(response);
        assert.deepEqual(
          await digestOf(
            response,
            halting(() => sender),
          ),
          quarter.digest,
        );
        expectFlat(memory);
      });

      it('carries 256 MB up by absolute URI, in flat memory, as fast as the target reads', async () => {
        const arrived = Promise.withResolvers<Digest>();
        await using target = await startWebTarget((asked, response) => {
          digestOf(
            asked,
            halting(() => call.socket),
          ).then(arrived.resolve, arrived.reject);
          void arrived.promise.then(() => response.end('all here'));
        });
        using memory = new MemoryWatch(path);
        const call = path.request(way, target.port, { method: 'POST' });
        const [[response], digest] = await Promise.all([
          once(call, 'response') as Promise<IncomingMessage[]>,
          arrived.promise,
          quarter.sendTo(call),
        ]);
        assert.ok(response);
        assert.equal(await text(response), 'all here');
        assert.deepEqual(digest, quarter.digest);
        expectFlat(memory);
      });

      it('a reader that stands still holds nobody up but itself', async () => {
        const senders: Socket[] = [];
        await using target = await startTcpTarget((socket) => {
          senders.push(socket);
          // The first connection is the slow reader's.
          void (senders.length === 1 ? quarter : page).sendTo(socket);
        });
        const slow = await path.tunnel(way, target.port);
        await standstill(senders[0]);
        const fast = Array.from({ length: FAST_READERS }, async () => digestOf(await path.tunnel(way, target.port)));
        for (const digest of await Promise.all(fast)) assert.deepEqual(digest, page.digest);
        assert.equal(slow.destroyed, false);
        assert.deepEqual(await digestOf(slow), quarter.digest);
      });

      it('small requests complete beside a bulk download of the same session', async () => {
        await using target = await startWebTarget((request, response) => {
          if (request.url === '/small') response.end('small');
          else page.sendEndlesslyTo(response).catch(() => undefined); // the browser breaks it off
        });
        const bulk = await path.tunnel(way, target.port);
        bulk.write(`GET /bulk HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
        let received = 0;
        bulk.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        await once(bulk, 'data');
        const before = received;
        for (let count = 0; count < SMALL_REQUESTS; count += 1) {
          const { body } = await getVia(path.proxy(way), `http://${HOST}:${target.port}/small`);
          assert.equal(body, 'small');
        }
        assert.ok(received - before > page.bytes, `the download stood still: ${received - before} bytes`);
        assert.equal(bulk.readableEnded, false);
        bulk.destroy();
      });
    });
  }

  it('leaves nothing open', () => path.expectNothingLeft());

  function expectFlat(memory: MemoryWatch): void {
    for (const [id, bytes] of memory.growth) {
      assert.ok(bytes < MAX_GROWTH_BYTES, `${id} grew by ${Math.round(bytes / MB)} MiB`);
    }
  }
});

/** At the halt, whoever sends has to stand still, too, and not far ahead of the reader. */
function halting(sender: () => Socket | null | undefined): Halt {
  return {
    atBytes: HALT_AT_BYTES,
    async work(received) {
      const ahead = (await standstill(sender())) - received;
      assert.ok(ahead < MAX_UNDER_WAY_BYTES, `${Math.round(ahead / MB)} MiB are under way to a reader that halts`);
    },
  };
}

/** Waits until the kernel takes no more from `sender`; what it has taken. */
async function standstill(sender: Socket | null | undefined): Promise<number> {
  assert.ok(sender);
  let last = -1;
  let looks = 0;
  return eventually('a sender that stands still', () => {
    const taken = sender.bytesWritten - sender.writableLength;
    looks = taken === last ? looks + 1 : 0;
    last = taken;
    return looks >= LOOKS && taken;
  });
}
