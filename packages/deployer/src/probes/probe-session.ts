import { type Agent, type AgentApi, connectAgent, type LinkOffer } from '@culvert/agent';
import { CulvertError, type ErrorCode, randomId, silentLogger, sleep } from '@culvert/base';
import { type ClusterSecret, proxySecret } from '@culvert/service';
import { CANARY_HOST, canaryOffer } from '../verify/canary-offer.ts';
import type { Way } from '../verify/proxy-client.ts';
import type { Targets } from '../verify/targets.ts';

/** Between two looks whether the link is up, ms. */
const LOOK_EVERY_MS = 20;
/** For the goodbye. ms. */
const CLOSE_MS = 2_000;

/** Where an agent may be sent. */
export interface LinkTarget {
  readonly id: string;
  readonly link: string;
}

export interface ProbeSessionOptions {
  readonly targets: Targets;
  readonly secret: ClusterSecret;
  /** The worker to go to; undefined: there is none now, and the agent asks again in a moment. */
  readonly choose: (exclude: readonly string[]) => LinkTarget | undefined;
}

/** A session of the canary tenant that stays, with a real agent in this process, for as long as it is probed. */
export class ProbeSession {
  readonly httpAuthority: string;
  readonly echoAuthority: string;
  readonly #id = randomId('s');
  readonly #options: ProbeSessionOptions;
  readonly #agent: Agent;
  #last: { readonly code: ErrorCode; readonly message: string } | undefined;

  constructor(options: ProbeSessionOptions) {
    const { targets } = options;
    this.#options = options;
    this.httpAuthority = `${CANARY_HOST}:${targets.httpPort}`;
    this.echoAuthority = `${CANARY_HOST}:${targets.echoPort}`;
    this.#agent = connectAgent({
      api: this.#api(),
      key: '',
      allow: [this.httpAuthority, this.echoAuthority],
      hosts: { [CANARY_HOST]: '127.0.0.1' },
      logger: silentLogger, // what is worth telling of it is in the report
      onEvent: (event) => {
        if (event.event === 'retrying' || event.event === 'link.down') this.#last = event;
      },
    });
  }

  /** It has ended for good: another one has to be made. */
  get over(): Promise<unknown> {
    return this.#agent.ended;
  }

  /** Resolves once the agent's link is up. Rejects with what keeps it away, `signal` aborted: it took too long. */
  async linked(signal: AbortSignal): Promise<void> {
    while (!this.#agent.linked) {
      if (signal.aborted) {
        throw new CulvertError(this.#last?.code ?? 'timeout', this.#last?.message ?? 'its agent has no link yet');
      }
      await sleep(LOOK_EVERY_MS, signal);
    }
  }

  /** Through the proxy of this node. */
  way(node: { readonly id: string; readonly proxy: string }): Way {
    const password = proxySecret(this.#options.secret, this.#id);
    return { node: node.id, proxy: node.proxy, username: this.#id, password };
  }

  /** Leaves in order, so that nothing of it stays in the registry; a worker that does not answer is not waited for. */
  async close(): Promise<void> {
    const late = new AbortController();
    await Promise.race([this.#agent.close({ deadlineMs: 0 }), sleep(CLOSE_MS, late.signal)]);
    late.abort();
  }

  #api(): AgentApi {
    const proxy = { url: 'http://127.0.0.1', username: this.#id, password: '-', pac: 'http://127.0.0.1' };
    return {
      url: 'the deploy worker',
      openSession: async ({ agentId }) => ({ id: this.#id, link: this.#offer(agentId, 0, []), proxy }),
      place: async (_session, { agentId, lastEpoch, exclude }) => this.#offer(agentId, lastEpoch, exclude),
    };
  }

  #offer(agentId: string, lastEpoch: number, exclude: readonly string[]): LinkOffer {
    const { secret, choose } = this.#options;
    const worker = choose(exclude);
    if (worker === undefined) throw new CulvertError('no_worker_available', undefined, { retryAfterSeconds: 1 });
    return canaryOffer(secret, { sessionId: this.#id, agentId, worker: worker.id, link: worker.link, lastEpoch });
  }
}
