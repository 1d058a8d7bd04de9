import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { sleep } from '@culvert/base';
import { deletePod, evictPod } from './end-pod.ts';
import { type KubeObject, matches, mergePatch, StatusError } from './objects.ts';
import { authorize, type PolicyRule } from './rbac.ts';
import { KubeStore } from './store.ts';
import { streamWatch } from './watch-stream.ts';

/** What happens to a request instead of, or before, what it asks for. */
export interface Fault {
  /** Of the requests that it is about. */
  readonly about: (request: KubeRequest) => boolean;
  /** How many of them; default: all. */
  times?: number;
  readonly delayMs?: number;
  /** Is answered; `cut` breaks the connection before an answer, `cut-after` after the request was carried out. */
  readonly answer?: StatusError | 'cut' | 'cut-after';
}

export interface KubeRequest {
  readonly verb: string;
  /** With its subresource. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
}

const KINDS: Readonly<Record<string, string>> = { pods: 'Pod', configmaps: 'ConfigMap' };
const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+)(?:\/([a-z]+))?)?$/;
const DEFAULT_WATCH_S = 300;

/**
 * An API server with pods and ConfigMaps, for `@kubernetes/client-node` to talk to over HTTP: it has resource versions,
 * conflicts, preconditions, selectors, pages, watches, grace, evictions under budgets, bearer tokens and roles of the real
 * one, and no scheduler, admission or defaulting.
 */
export class KubeApiServer implements AsyncDisposable {
  readonly store = new KubeStore();
  readonly requests: KubeRequest[] = [];
  /** What a container has written, by pod. */
  readonly logs = new Map<string, () => string>();
  readonly #users: ReadonlyMap<string, { readonly name: string; readonly rules: readonly PolicyRule[] }>;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));
  readonly #watchers = new Set<Socket>();
  #faults: Fault[] = [];

  /** By token: who has it, and may do what. */
  constructor(users: Readonly<Record<string, { readonly name: string; readonly rules: readonly PolicyRule[] }>>) {
    this.#users = new Map(Object.entries(users));
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  inject(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** How many are open. */
  get watches(): number {
    return this.#watchers.size;
  }

  /** Breaks every watch that is open, in the middle of a line. */
  cutWatches(): void {
    for (const socket of this.#watchers) socket.write('1f\r\n{"type":"MODIFIED","object":{"ki', () => socket.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const asked = askedOf(request);
      const body = request.method === 'GET' ? '' : await text(request);
      this.requests.push(asked);
      this.#authorize(request, asked);
      const after = await this.#fault(asked);
      if (asked.verb === 'watch') this.#watch(asked, response);
      else if (asked.resource === 'pods/log') this.#log(asked, response);
      else {
        const answer = this.#carryOut(asked, body === '' ? {} : JSON.parse(body));
        if (after === 'cut-after') response.destroy();
        else send(response, asked.verb === 'create' ? 201 : 200, answer);
      }
    } catch (error) {
      if (error === CUT) response.destroy();
      else if (error instanceof StatusError) send(response, error.status, error.toJSON(), error.headers);
      else send(response, 500, new StatusError(500, 'InternalError', String(error)).toJSON());
    }
  }

  #authorize({ headers }: IncomingMessage, { verb, resource, name, namespace }: KubeRequest): void {
    const user = this.#users.get(headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (user === undefined) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    authorize(user.name, user.rules, { verb, resource, name, namespace });
  }

  async #fault(asked: KubeRequest): Promise<Fault['answer']> {
    const fault = this.#faults.find(({ about, times = 1 }) => times > 0 && about(asked));
    if (fault === undefined) return undefined;
    if (fault.times !== undefined) fault.times -= 1;
    if (fault.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault.answer === 'cut') throw CUT;
    if (fault.answer instanceof StatusError) throw fault.answer;
    return fault.answer;
  }

  #carryOut({ verb, resource, namespace, name = '', query }: KubeRequest, body: Record<string, unknown>): object {
    const { store } = this;
    if (resource === 'pods/eviction') {
      evictPod(store, namespace, name, body);
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
    }
    const kind = kindOf(resource);
    const place = { kind, namespace, name };
    switch (verb) {
      case 'get':
        return store.get(place);
      case 'list':
        return this.#list(kind, namespace, query);
      case 'create':
        return store.create(kind, namespace, kind === 'Pod' ? { ...body, status: { phase: 'Pending' } } : body);
      case 'patch':
        return store.update(place, (object) => mergePatch(object, body) as KubeObject);
      case 'delete':
        deletePod(store, namespace, name, body);
        return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
      default:
        throw new StatusError(405, 'MethodNotAllowed', `${verb} of ${resource}`);
    }
  }

  #list(kind: string, namespace: string, query: URLSearchParams): object {
    const selected = this.store.list(kind, namespace).filter(selects(namespace, query));
    const after = query.get('continue') ?? '';
    const limit = Number(query.get('limit') ?? 0) || selected.length;
    const rest = selected.filter(({ metadata }) => metadata.name > after);
    const items = rest.slice(0, limit);
    const more = rest.length > items.length ? { continue: items.at(-1)?.metadata.name } : {};
    const metadata = { resourceVersion: String(this.store.version), ...more };
    return { kind: `${kind}List`, apiVersion: 'v1', metadata, items };
  }

  #watch({ resource, namespace, query }: KubeRequest, response: ServerResponse): void {
    const { socket } = response;
    if (socket !== null) {
      this.#watchers.add(socket);
      response.once('close', () => this.#watchers.delete(socket));
    }
    streamWatch(
      this.store,
      {
        ...{ kind: kindOf(resource), from: query.get('resourceVersion') ?? '0', selects: selects(namespace, query) },
        timeoutSeconds: Number(query.get('timeoutSeconds') ?? DEFAULT_WATCH_S),
        bookmarks: query.get('allowWatchBookmarks') === 'true',
      },
      response,
    );
  }

  #log({ namespace, name = '', query }: KubeRequest, response: ServerResponse): void {
    const pod = this.store.get({ kind: 'Pod', namespace, name });
    if (!pod.spec.containers.some((container: { name: string }) => container.name === query.get('container'))) {
      throw new StatusError(400, 'BadRequest', `container ${query.get('container')} is not valid for pod ${name}`);
    }
    const log = this.logs.get(name);
    if (log === undefined) throw new StatusError(400, 'BadRequest', `container in pod "${name}" is waiting to start`);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(log().slice(0, Number(query.get('limitBytes'))));
  }
}

const CUT = Symbol('cut');

function askedOf({ method = 'GET', url = '/' }: IncomingMessage): KubeRequest {
  const { pathname, searchParams: query } = new URL(url, 'http://kube');
  const [, namespace, plural, name, sub] = PATH.exec(pathname) ?? [];
  if (namespace === undefined || plural === undefined)
    throw new StatusError(404, 'NotFound', `no such path: ${pathname}`);
  const whole = query.get('watch') === 'true' ? 'watch' : 'list';
  const verbs: Readonly<Record<string, string>> = {
    ...{ GET: name === undefined ? whole : 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  };
  const resource = sub === undefined ? plural : `${plural}/${sub}`;
  return { verb: verbs[method] ?? method, resource, namespace, name: name && decodeURIComponent(name), query };
}

function kindOf(resource: string): string {
  const kind = KINDS[resource];
  if (kind === undefined)
    throw new StatusError(404, 'NotFound', `the server could not find the requested resource ${resource}`);
  return kind;
}

function selects(namespace: string, query: URLSearchParams): (object: KubeObject) => boolean {
  const byLabel = query.get('labelSelector') ?? '';
  const byField = query.get('fieldSelector') ?? '';
  return ({ metadata, spec, status }) => {
    const fields: Readonly<Record<string, string | undefined>> = {
      ...{ 'metadata.name': metadata.name, 'spec.nodeName': spec?.nodeName ?? '', 'status.phase': status?.phase },
    };
    return (
      metadata.namespace === namespace &&
      matches(byLabel, (name) => metadata.labels?.[name]) &&
      matches(byField, (name) => fields[name])
    );
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
