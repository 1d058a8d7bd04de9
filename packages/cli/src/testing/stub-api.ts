import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { reportFailure } from '../failure.ts';
import { createProgram } from '../program.ts';

/** What a command did: its exit code, and what it wrote. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stand-in for the API, and the `culvert` command that talks to it. */
export interface StubApi extends AsyncDisposable {
  /** Runs `culvert` with these arguments, against this API. */
  culvert(...args: string[]): Promise<CommandRun>;
}

export async function startStubApi(answer: RequestListener): Promise<StubApi> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const target = ['--api', `http://127.0.0.1:${address.port}`, '--key', 'k'];
  return {
    async culvert(...args) {
      let [stdout, stderr] = ['', ''];
      const keep = {
        stdout: { write: (out: string) => (stdout += out) },
        stderr: { write: (out: string) => (stderr += out) },
      };
      let code = 0;
      try {
        await createProgram({ entry: '', ...keep }).parseAsync([...args, ...target], { from: 'user' });
      } catch (error) {
        code = reportFailure(error, keep.stderr);
      }
      return { code, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
