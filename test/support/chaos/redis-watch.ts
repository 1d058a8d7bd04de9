import { connectAgent } from '@culvert/agent';
import { CulvertError, withDeadline } from '@culvert/base';
import type { ApiClient } from '@culvert/local';
import { connectVia } from '../proxy-client.ts';
import { startTcpTarget, type Target } from '../targets/target.ts';
import { extent } from './extent.ts';
import { Attempts } from './redis-attempts.ts';

const LOOK_UP_MS = extent(20, 60);
const CONNECT_MS = extent(50, 150);
const REVOKED_MS = extent(100, 300);
const OPEN_MS = 200;
const OPEN_DEADLINE_MS = 10_000;
/** Well formed, and nobody's. */
const UNKNOWN = 's_00000000000000000000000000';

export const OK = 'ok';
export const ABSENT = 'session_not_found';
export const OFFLINE = 'session_offline';

export interface Watched {
  readonly api: ApiClient;
  /** A key of the tenant that has the session, and one that was revoked. */
  readonly key: string;
  readonly revoked: string;
  readonly session: string;
  /** The session's proxy at a gateway, and a name that its agent resolves to this machine. */
  readonly proxy: string;
  readonly host: string;
}

/** What clients meet all the while: answers about sessions, new connections, new sessions. */
export class Watch implements AsyncDisposable {
  /** Look-ups of the session that is served: OK, ABSENT, OFFLINE or what was said instead. */
  readonly existing: Attempts;
  /** Look-ups of one that never was. */
  readonly unknown: Attempts;
  /** Calls with the key that was revoked. */
  readonly revoked: Attempts;
  /** New connections through the gateway. */
  readonly connections: Attempts;
  /** New sessions, each of an agent of its own that comes, is served, and goes. */
  readonly sessions: Attempts;
  readonly #target: Target;

  static async start(watched: Watched): Promise<Watch> {
    return new Watch(watched, await startTcpTarget((socket) => void socket.end()));
  }

  private constructor({ api, key, revoked, session, proxy, host }: Watched, target: Target) {
    this.#target = target;
    this.existing = new Attempts(() => lookUp(api, key, session), LOOK_UP_MS);
    this.unknown = new Attempts(() => lookUp(api, key, UNKNOWN), LOOK_UP_MS);
    this.revoked = new Attempts(() => lookUp(api, revoked, session), REVOKED_MS);
    this.connections = new Attempts(() => connect(proxy, `${host}:${target.port}`), CONNECT_MS);
    this.sessions = new Attempts(() => open(api.url, key), OPEN_MS);
  }

  get #all(): Attempts[] {
    return [this.existing, this.unknown, this.revoked, this.connections, this.sessions];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((attempts) => attempts.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((attempts) => attempts[Symbol.asyncDispose]()));
    await this.#target[Symbol.asyncDispose]();
  }
}

async function lookUp(api: ApiClient, key: string, session: string): Promise<string> {
  try {
    const { state } = await api.call<{ state: string }>('GET', `/sessions/${session}`, { key });
    return state === 'offline' ? OFFLINE : OK;
  } catch (error) {
    return codeOf(error);
  }
}

async function connect(proxy: string, authority: string): Promise<string> {
  try {
    const { answer, socket } = await connectVia(proxy, authority);
    socket.on('error', () => undefined); // it has done what it was for
    socket.destroy();
    return answer.status === 200 ? OK : (answer.code ?? String(answer.status));
  } catch (error) {
    return codeOf(error);
  }
}

/** One try: an agent that has to try again was refused. */
async function open(api: string, key: string): Promise<string> {
  const refused = Promise.withResolvers<string>();
  const agent = connectAgent({
    ...{ api, key },
    onEvent: (event) => {
      if (event.event === 'retrying' || event.event === 'link.down') refused.resolve(event.code);
      if (event.event === 'closed') refused.resolve('code' in event ? event.code : event.outcome);
    },
  });
  try {
    const opened = agent.ready.then(() => OK);
    return await withDeadline(OPEN_DEADLINE_MS, 'a new session', () => Promise.race([opened, refused.promise]));
  } catch (error) {
    return codeOf(error);
  } finally {
    await agent.close({ deadlineMs: 0 });
  }
}

/** Of an error of ours, of node:http, or of an abort. */
function codeOf(error: unknown): string {
  if (error instanceof CulvertError) return error.code;
  if (!(error instanceof Error)) throw error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
