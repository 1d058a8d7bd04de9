import { request as httpRequest } from 'node:http';
import { CulvertError, toErrorCode, withDeadline } from '@culvert/base';
import {
  LaunchOrder,
  Problem,
  type ProviderChoice,
  SUPERVISOR_PURPOSE,
  SupervisedNodes,
  type TerminateOrder,
} from '@culvert/contracts';
import type { ClusterSecret } from '@culvert/service';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_CALL_MS, MAX_OUTPUT_BYTES } from './limits.ts';
import type { LaunchRequest, NodeProvider, ProvidedNode, TerminateRequest } from './provider.ts';

export interface ProcessProviderOptions {
  /** Path of the Unix socket of the cluster's supervisor. */
  readonly supervisor: string;
  /** The cluster's. */
  readonly secret: ClusterSecret;
}

/** Codes that a supervisor's refusal keeps; every other one becomes `provider_failed`, in its own words. */
const KEPT_CODES: ReadonlySet<string> = new Set(['fenced', 'timeout']);

/** Nodes as child processes of a local cluster, whose supervisor carries the orders out and keeps the fence. */
export class ProcessProvider implements NodeProvider {
  readonly kind: ProviderChoice['kind'] = 'process';
  readonly #socket: string;
  readonly #token: string;

  constructor({ supervisor, secret }: ProcessProviderOptions) {
    this.#socket = supervisor;
    this.#token = secret.mac(SUPERVISOR_PURPOSE).toString('base64url');
  }

  async launch({ choice, ...request }: LaunchRequest, signal?: AbortSignal): Promise<void> {
    const order: LaunchOrder = { ...request, directory: choice.directory ?? null };
    // Here, so that what is wrong with it is named by whoever made it.
    if (!Value.Check(LaunchOrder, order)) throw failed(`no valid order: ${JSON.stringify(request)}`);
    await this.#call('POST', '/nodes', order, signal);
  }

  async list(signal?: AbortSignal): Promise<readonly ProvidedNode[]> {
    return parse(SupervisedNodes, await this.#call('GET', '/nodes', undefined, signal)).items;
  }

  async terminate({ id, ...order }: TerminateRequest, signal?: AbortSignal): Promise<void> {
    const body: TerminateOrder = order;
    await this.#call('POST', `/nodes/${encodeURIComponent(id)}/terminate`, body, signal);
  }

  logs(id: string, signal?: AbortSignal): Promise<string> {
    return this.#call('GET', `/nodes/${encodeURIComponent(id)}/logs`, undefined, signal);
  }

  /** Nothing is kept open between two calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #call(method: string, path: string, body: unknown, given?: AbortSignal): Promise<string> {
    const what = `${method} ${path} of the supervisor`;
    return withDeadline(MAX_CALL_MS, what, async (deadline) => {
      const signal = given ? AbortSignal.any([given, deadline]) : deadline;
      const { status, text } = await this.#exchange(method, path, body, signal);
      if (status >= 300) throw refusal(status, text);
      return text;
    });
  }

  #exchange(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const broken = (error: Error): void => {
        if (signal.aborted) reject(signal.reason);
        else reject(failed(`no supervisor answers at ${this.#socket}: ${error.message}`, error));
      };
      const options = { socketPath: this.#socket, method, path, headers, signal, agent: false } as const;
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > MAX_OUTPUT_BYTES) response.destroy(new Error(`its answer is over ${MAX_OUTPUT_BYTES} bytes`));
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', broken);
      });
      request.on('error', broken);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function refusal(status: number, text: string): CulvertError {
  try {
    const { code, detail } = parse(Problem, text);
    if (KEPT_CODES.has(code)) return new CulvertError(toErrorCode(code, 'provider_failed'), detail);
    return failed(detail ?? code);
  } catch (error) {
    return failed(`the supervisor answered ${status}`, error);
  }
}

function parse<T extends TSchema>(schema: T, text: string): Static<T> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw failed("the supervisor's answer is no JSON", error);
  }
  if (Value.Check(schema, given)) return given;
  throw failed("the supervisor's answer has another form than expected");
}

function failed(message: string, cause?: unknown): CulvertError {
  return new CulvertError('provider_failed', message, cause === undefined ? {} : { cause });
}
