import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Deployment } from '@culvert/contracts';
import { deployment } from './deployment-fixtures.ts';
import { type StubApi, startStubApi } from './stub-api.ts';

/** What `POST /deployments` answers. */
export const begun = deployment({ state: 'pending', nodes: [], forecast: null, events: [] });

/** A refusal of the stand-in, by its code. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** A stand-in for an API that knows of one deployment, and keeps what it is asked. */
export interface DeployStub extends StubApi {
  readonly calls: string[];
  /** What `GET /deployments/d_1` answers, one after the other; the last one for ever. */
  looks: Partial<Deployment>[];
  /** Answers by method and path, before all else. */
  readonly answers: Map<string, unknown>;
}

export async function startDeployStub(): Promise<DeployStub> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '' } = request;
    const path = request.url?.slice('/v1'.length) ?? '';
    stub.calls.push(`${method} ${path} ${await text(request)}`.trimEnd());
    const body = answerTo(stub, method, path.replace(/\?.*/, ''));
    response.writeHead(isRefusal(body) ? body.status : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const stub: DeployStub = { ...(await startStubApi(answer)), calls: [], looks: [], answers: new Map() };
  return stub;
}

function answerTo({ looks, answers }: DeployStub, method: string, path: string): unknown {
  const given = answers.get(`${method} ${path}`);
  if (given !== undefined) return given;
  if (path === '/deployments') return begun;
  if (path.endsWith('/why')) return { reasons: [] };
  return deployment(method === 'GET' && looks.length > 1 ? looks.shift() : looks[0]);
}

function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'status' in answer;
}
