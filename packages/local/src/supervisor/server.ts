import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CulvertError, toCulvertError } from '@culvert/base';
import {
  ChosenId,
  LaunchOrder,
  RedisRestartOrder,
  SUPERVISOR_PURPOSE,
  type SupervisedNodes,
  TerminateOrder,
} from '@culvert/contracts';
import { type ClusterSecret, sameSecret, toProblem } from '@culvert/service';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Supervisor } from './supervisor.ts';

const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 64;

export interface SupervisorServerOptions {
  /** Path of the Unix socket; what a killed cluster left there is replaced. */
  readonly socket: string;
  readonly supervisor: Supervisor;
  /** The cluster's; the bearer token that callers bring is made from it. */
  readonly secret: ClusterSecret;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The supervisor on a Unix socket that only this user can open. */
export class SupervisorServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen({ socket, supervisor, secret }: SupervisorServerOptions): Promise<SupervisorServer> {
    const token = secret.mac(SUPERVISOR_PURPOSE).toString('base64url');
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      answer(request, supervisor, token).then(
        (given) => send(response, given),
        (error: unknown) => send(response, problem(error, request)),
      );
    });
    server.maxConnections = MAX_CONNECTIONS;
    rmSync(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(socket, resolve);
    });
    chmodSync(socket, 0o600);
    return new SupervisorServer(server);
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.close((error) => (error ? reject(error) : resolve()));
      this.#server.closeAllConnections();
    });
  }
}

async function answer(request: IncomingMessage, supervisor: Supervisor, token: string): Promise<Answer> {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined || !sameSecret(given, token)) throw new CulvertError('unauthenticated');
  const { method = '', url = '' } = request;
  const [, collection, id, what, ...rest] = url.split('/');
  if (`${method} ${url}` === 'POST /redis/restart') {
    supervisor.restartRedis(read(RedisRestartOrder, await bodyOf(request)));
    return json(202, {});
  }
  if (collection !== 'nodes' || rest.length > 0) throw unknown(method, url);
  switch (`${method} ${id === undefined ? '' : ':id'}${what === undefined ? '' : `/${what}`}`) {
    case 'GET ': {
      const nodes: SupervisedNodes = { items: supervisor.list() };
      return json(200, nodes);
    }
    case 'POST ':
      supervisor.launch(read(LaunchOrder, await bodyOf(request)));
      return json(202, {});
    case 'POST :id/terminate':
      supervisor.terminate(read(ChosenId, id), read(TerminateOrder, await bodyOf(request)));
      return json(202, {});
    case 'GET :id/logs':
      return { status: 200, type: 'text/plain; charset=utf-8', body: await supervisor.logs(read(ChosenId, id)) };
    default:
      throw unknown(method, url);
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new CulvertError('payload_too_large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new CulvertError('invalid_request', 'the body is no JSON', { cause: error });
  }
}

function read<T extends TSchema>(schema: T, given: unknown): Static<T> {
  if (Value.Check(schema, given)) return given;
  const [first] = Value.Errors(schema, given);
  throw new CulvertError('invalid_request', `${first?.instancePath || 'the order'} ${first?.message ?? 'is wrong'}`);
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function problem(thrown: unknown, { url = '' }: IncomingMessage): Answer {
  const error = toCulvertError(thrown);
  return { status: error.status, type: 'application/problem+json', body: JSON.stringify(toProblem(error, url)) };
}

/** A caller that is gone by now is no fault: its order was taken, and it asks again if it has to. */
function send(response: ServerResponse, { status, type, body }: Answer): void {
  if (response.destroyed) return;
  // What of a request was not read must not be taken for the next one.
  const close = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': type, ...close }).end(body);
}

function unknown(method: string, url: string): CulvertError {
  return new CulvertError('not_found', `There is no ${method} ${url}.`);
}
