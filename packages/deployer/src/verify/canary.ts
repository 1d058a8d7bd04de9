import { type Agent, type AgentApi, AgentEnded, connectAgent, type LinkOffer } from '@culvert/agent';
import { CulvertError, randomId, silentLogger, toCulvertError, withDeadline } from '@culvert/base';
import type { NodeView } from '@culvert/registry';
import { type ClusterSecret, proxySecret } from '@culvert/service';
import { CANARY_HOST, canaryOffer } from './canary-offer.ts';
import type { Way } from './proxy-client.ts';
import { Relay } from './relay.ts';
import type { Targets } from './targets.ts';

export interface CanaryOptions {
  /** The worker that is to serve the session, cordoned or not. */
  readonly worker: NodeView;
  readonly targets: Targets;
  readonly secret: ClusterSecret;
  readonly linkDeadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * A session of the deploy worker's own tenant on one worker: a real agent in this process, with a ticket that says which
 * worker. It is in the registry like any other, so every gateway finds it.
 */
export class Canary implements AsyncDisposable {
  readonly #id: string;
  readonly #options: CanaryOptions;
  readonly #relay: Relay;
  readonly #agent: Agent;

  /** Rejects with the code with which the worker would not have it, or `timeout`. */
  static async open(options: CanaryOptions): Promise<Canary> {
    const { link } = options.worker;
    if (link === undefined) throw new CulvertError('node_unreachable', `${options.worker.id} tells no link address`);
    const relay = await Relay.start(link);
    const canary = new Canary(options, relay);
    try {
      await canary.#ready();
      return canary;
    } catch (error) {
      await canary.close();
      throw error;
    }
  }

  private constructor(options: CanaryOptions, relay: Relay) {
    this.#options = options;
    this.#relay = relay;
    this.#id = randomId('s');
    this.#agent = connectAgent({
      api: this.#api(),
      key: '',
      allow: [this.httpAuthority, this.echoAuthority],
      hosts: { [CANARY_HOST]: '127.0.0.1' },
      logger: silentLogger, // what is worth telling of it is in the result
    });
  }

  get httpAuthority(): string {
    return `${CANARY_HOST}:${this.#options.targets.httpPort}`;
  }

  get echoAuthority(): string {
    return `${CANARY_HOST}:${this.#options.targets.echoPort}`;
  }

  /** Through the proxy of this node. */
  way(node: { readonly id: string; readonly proxy: string }): Way {
    const password = proxySecret(this.#options.secret, this.#id);
    return { node: node.id, proxy: node.proxy, username: this.#id, password };
  }

  /** The agent comes back by itself. */
  cutLink(): void {
    if (this.#relay.cut() === 0) throw new CulvertError('link_lost', 'there was no link to cut');
  }

  /** Leaves in order, so that nothing of it stays in the registry. */
  async close(): Promise<void> {
    await this.#agent.close({ deadlineMs: 0 });
    await this.#relay.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The agent tries for ever; what it heard last says why it got nowhere. */
  async #ready(): Promise<void> {
    let last: CulvertError | undefined;
    const unlisten = this.#agent.onEvent((event) => {
      if (event.event === 'retrying') last = new CulvertError(event.code, event.message);
    });
    const { signal, linkDeadlineMs } = this.#options;
    try {
      await withDeadline(linkDeadlineMs, 'the link to the worker', (late) =>
        Promise.race([this.#agent.ready, aborted(AbortSignal.any([signal, late]))]),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (last !== undefined) throw last;
      if (error instanceof AgentEnded && 'code' in error.end) {
        throw new CulvertError(error.end.code, error.end.message);
      }
      throw toCulvertError(error);
    } finally {
      unlisten();
    }
  }

  #api(): AgentApi {
    return {
      url: 'the deploy worker',
      openSession: async ({ agentId }) => {
        const way = this.way({ id: this.#options.worker.id, proxy: this.#options.worker.proxy ?? 'http://127.0.0.1' });
        const proxy = { url: way.proxy, username: way.username, password: way.password, pac: way.proxy };
        return { id: this.#id, link: this.#offer(agentId, 0), proxy };
      },
      place: async (_session, { agentId, lastEpoch }) => this.#offer(agentId, lastEpoch),
    };
  }

  #offer(agentId: string, lastEpoch: number): LinkOffer {
    const { secret, worker } = this.#options;
    const link = this.#relay.url;
    return canaryOffer(secret, { sessionId: this.#id, agentId, worker: worker.id, link, lastEpoch });
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
