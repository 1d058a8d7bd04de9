import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, '..', 'bin', 'health.mjs');
const run = promisify(execFile);

/** The health check of the image, as the container engine runs it. */
function check(listen: string): Promise<{ stderr: string }> {
  return run(process.execPath, [SCRIPT], { env: { CULVERT_ADMIN_LISTEN: listen }, timeout: 20_000 });
}

it('the health check asks the role on loopback, wherever it listens, and says what it got', async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  try {
    assert.equal((await check(`0.0.0.0:${port}`)).stderr, '');
    assert.deepEqual(asked, ['/healthz']);
    status = 503;
    await assert.rejects(check(`127.0.0.1:${port}`), { code: 1, stderr: 'health: 503\n' });
  } finally {
    server.close();
  }
  await assert.rejects(check(`127.0.0.1:${port}`), ({ stderr }: { stderr: string }) => /ECONNREFUSED/.test(stderr));
  await assert.rejects(check('0.0.0.0:0'), ({ stderr }: { stderr: string }) => /no fixed port/.test(stderr));
});
