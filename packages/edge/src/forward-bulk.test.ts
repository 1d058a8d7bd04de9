import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { EdgeSetup } from './testing/edge-setup.ts';
import { get, post, stalls } from './testing/targets.ts';

describe('absolute-URI requests: bulk', () => {
  const MEGABYTES = 24;
  const chunk = Buffer.alloc(1_048_576, 'culvert ');
  const expected = createHash('sha256');
  for (let n = 0; n < MEGABYTES; n += 1) expected.update(chunk);
  const digest = expected.digest('hex');

  it('downloads byte for byte, in step with a slow reader', async () => {
    await using edge = await EdgeSetup.start();
    let written = 0;
    const port = await edge.web(async (_request, response) => {
      for (let n = 0; n < MEGABYTES; n += 1) {
        written += 1;
        if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const client = await edge.client();
    client.socket.removeAllListeners('data');
    client.socket.pause();
    client.send(get(port).replace('HTTP/1.1', 'HTTP/1.0'));
    await edge.line('connection.open');
    await stalls(() => written);
    assert.ok(written < MEGABYTES, 'the target was not held back');
    const hash = createHash('sha256');
    let head = true;
    for await (const data of client.socket as AsyncIterable<Buffer>) {
      hash.update(head ? data.subarray(data.indexOf('\r\n\r\n') + 4) : data);
      head = false;
    }
    assert.equal(hash.digest('hex'), digest);
  });

  it('uploads byte for byte, in step with a slow target', async () => {
    await using edge = await EdgeSetup.start();
    const go = Promise.withResolvers<void>();
    const port = await edge.web(async (request, response) => {
      await go.promise;
      const hash = createHash('sha256');
      for await (const data of request) hash.update(data);
      response.end(hash.digest('hex'));
    });
    const client = await edge.client();
    client.send(post(port, `Content-Length: ${MEGABYTES * chunk.length}\r\n`));
    for (let n = 0; n < MEGABYTES; n += 1) client.socket.write(chunk);
    await stalls(() => client.socket.bytesWritten - client.socket.writableLength);
    assert.ok(client.socket.writableLength > 0, 'the browser was not held back');
    go.resolve();
    assert.equal((await client.answer()).body, digest);
  });
});
