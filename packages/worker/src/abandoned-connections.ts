import { type Logger, toCulvertError } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import type { NodeBoot, NodeView } from '@culvert/registry';
import type { SliRecorder } from '@culvert/telemetry';
import type { Circuit, CircuitEnd } from './circuit.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionWatcher } from './sessions.ts';

export interface AbandonedConnectionsOptions {
  readonly recorder: SliRecorder;
  /** Told of each that is counted, as lost: what alerts go by has to agree with the report. */
  readonly counted: (tenantId: string, outcome: 'lost') => void;
  /** Rejects while the registry is away. */
  readonly getNode: (id: string) => Promise<Pick<NodeView, 'boot' | 'state'> | undefined>;
  readonly logger: Logger;
  /** ms since the Unix epoch. */
  readonly now?: () => number;
}

/** What was found out of a node is good for this long: a thousand connections of one gateway end together. ms. */
const KNOWN_MS = 5_000;
const MAX_KNOWN = 100;

interface Known {
  readonly gone: Promise<boolean>;
  readonly untilMs: number;
}

/**
 * Counts the connections that a gateway took with it. An edge counts its own losses, unless it is killed: then its
 * connections come back over no other path, and when their time is over, this worker is the one that knows.
 */
export class AbandonedConnections implements SessionWatcher {
  readonly #options: AbandonedConnectionsOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: AbandonedConnectionsOptions) {
    this.#options = options;
  }

  connectionEnded(actor: SessionActor, circuit: Circuit, { by, reason }: CircuitEnd): void {
    const { peer } = circuit.edge;
    const expired = by === 'worker' && reason === 'resume_expired' && (circuit.open || circuit.resumed);
    if (expired && peer !== undefined) void this.#look(actor, peer);
  }

  left(): void {}

  closed(): void {}

  connectionDetached(): void {}

  /** Never rejects. */
  async #look({ ticket }: SessionActor, peer: NodeBoot): Promise<void> {
    const { recorder, counted, logger } = this.#options;
    try {
      if (ticket.tenantId === CANARY_TENANT || !(await this.#isGone(peer))) return;
      const series = recorder.of('real', ticket.tenantId);
      series.add('lost');
      series.add('closed');
      counted(ticket.tenantId, 'lost');
    } catch (thrown) {
      // A gateway that lives counts it; so counting it here as well would be wrong more often than leaving it out.
      const { code } = toCulvertError(thrown);
      logger.warn({ event: 'sli.uncounted', code, gateway: peer.id }, 'whether a gateway is gone cannot be known now');
    }
  }

  #isGone(peer: NodeBoot): Promise<boolean> {
    const { getNode, now = Date.now } = this.#options;
    const key = `${peer.id}#${peer.boot}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > now()) return known.gone;
    const gone = getNode(peer.id).then((node) => node?.boot !== peer.boot || node.state === 'dead');
    gone.catch(() => this.#known.delete(key));
    this.#known.set(key, { gone, untilMs: now() + KNOWN_MS });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
    return gone;
  }
}
