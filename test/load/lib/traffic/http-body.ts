import type { IncomingMessage } from 'node:http';
import { Keystream } from '../../../support/chaos/keystream.ts';
import type { HttpParams, HttpResponse } from './http.ts';
import { codeOf } from './traffic.ts';

/** What is kept of a body; all of it is read. */
const KEPT_BYTES = 65_536;

type Read = Pick<HttpResponse, 'body' | 'bytes' | 'wrongBytes' | 'error'>;

/** Never rejects: a body that breaks off has an error. */
export async function readBody(response: IncomingMessage, expect: HttpParams['expect']): Promise<Read> {
  const expected = expect && new Keystream(expect.keystream);
  const kept: Buffer[] = [];
  let bytes = 0;
  let wrongBytes = 0;
  let error = '';
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (expected) wrongBytes += expected.wrongIn(chunk);
      else if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
      bytes += chunk.length;
    }
  } catch (cause) {
    error = codeOf(cause);
  }
  // What is missing of a body that was cut off is lost, not wrong.
  if (expect && error === '') wrongBytes += Math.abs(expect.bytes - bytes);
  return { body: Buffer.concat(kept).toString(), bytes, wrongBytes, error };
}
