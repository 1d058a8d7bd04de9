import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { eventually } from '../eventually.ts';
import {
  type MetricsRequest,
  pointsOf,
  type ReceivedPoint,
  type ReceivedSpan,
  spansOf,
  type TracesRequest,
} from './received.ts';
import { METRICS, TRACES } from './schema.ts';
import { decodeMessage, type MessageType } from './wire.ts';

const MAX_BODY_BYTES = 16_777_216;
/** Kept of each kind; the oldest go. */
const KEPT = 50_000;

/** A collector in a test's own process (OTLP/HTTP 1.x: protobuf and JSON), and what it was sent. */
export interface OtlpReceiver extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  readonly points: readonly ReceivedPoint[];
  /** Why requests were turned away. */
  readonly rejected: readonly string[];
  /** The first span that satisfies `test`, received already or to come. */
  untilSpan(what: string, test: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const points: ReceivedPoint[] = [];
  const rejected: string[] = [];
  const keep = <T>(list: T[], more: readonly T[]): void => {
    list.push(...more);
    list.splice(0, list.length - KEPT);
  };
  const paths: Readonly<Record<string, (request: IncomingMessage, body: Buffer) => void>> = {
    '/v1/traces': (request, body) => keep(spans, spansOf(read(request, body, TRACES) as TracesRequest)),
    '/v1/metrics': (request, body) => keep(points, pointsOf(read(request, body, METRICS) as MetricsRequest)),
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      keep(rejected, [`${request.url}: ${error instanceof Error ? error.message : String(error)}`]);
      response.writeHead(400).end();
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const take = paths[request.url ?? ''];
    if (take === undefined) throw new Error('no such path');
    take(request, body);
    // An empty Export…ServiceResponse, in the encoding of the request.
    const type = request.headers['content-type'];
    response.writeHead(200, { 'content-type': type }).end(isJson(request) ? '{}' : '');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    points,
    rejected,
    untilSpan: (what, test) => eventually(what, () => spans.find(test)),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/json') === true;
}

function read(request: IncomingMessage, body: Buffer, type: MessageType): unknown {
  if (isJson(request)) return JSON.parse(body.toString('utf8'));
  if (request.headers['content-type'] !== 'application/x-protobuf') throw new Error('neither protobuf nor JSON');
  return decodeMessage(body, type);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
}
