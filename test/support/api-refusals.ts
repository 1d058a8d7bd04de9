import assert from 'node:assert/strict';
import type { Cluster } from '@culvert/local';

export interface ApiCall {
  /** A bearer key; undefined: none is sent. */
  readonly key: string | undefined;
  readonly method?: string;
  /** Below `/v1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** The call is answered with this code, as problem+json, and with the status that goes with it. */
export async function assertRefused(cluster: Cluster, call: ApiCall, status: number, code: string): Promise<void> {
  const { key, method = 'GET', path, body } = call;
  const response = await fetch(`${cluster.api.url}/v1${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const problem = (await response.json()) as { code?: unknown }; // what it is, is asserted
  assert.deepEqual([response.status, problem.code], [status, code], `${method} ${path}`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
}
