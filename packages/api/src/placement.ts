import { CulvertError } from '@culvert/base';
import type { LinkOffer } from '@culvert/contracts';
import type { NodeView } from '@culvert/registry';
import { type AgentTicket, type EdgeTicket, signTicket } from '@culvert/service';
import type { ApiDeps } from './deps.ts';

/** Long enough to dial, too short to be worth stealing. */
const TICKET_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;

/** Where tenants without a pin are served. */
export const DEFAULT_POOL = 'default';

export interface PlacementWish {
  readonly pool: string;
  /** Workers that the agent could not use. */
  readonly exclude: readonly string[];
  /** The worker that the agent was advised to go to. */
  readonly prefer?: string | undefined;
}

/** A worker with an address for agents. */
export type Placeable = NodeView & { readonly link: string };

/**
 * The preferred worker, if it can take the session: whoever drains another one has counted its room, and spreads the
 * sessions over the targets. Otherwise the emptier of two workers picked at random (by sessions over capacity): nearly
 * as even as the emptiest of all, and many API processes that see the same old loads don't all pick the same one
 * (Mitzenmacher, "The Power of Two Choices"). Throws `no_worker_available`.
 */
export function chooseWorker(
  nodes: readonly NodeView[],
  wish: PlacementWish,
  random: () => number = Math.random,
): Placeable {
  const candidates = nodes.filter((node) => isPlaceable(node, wish)) as Placeable[]; // isPlaceable saw a link
  const preferred = candidates.find(({ id }) => id === wish.prefer);
  if (preferred) return preferred;
  const first = candidates[Math.floor(random() * candidates.length)];
  if (!first) {
    throw new CulvertError('no_worker_available', `No worker of pool ${wish.pool} can take the session now.`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      fix: 'Start a worker, or uncordon one: `culvert nodes ls` shows their states.',
    });
  }
  const others = candidates.filter((node) => node !== first);
  const second = others[Math.floor(random() * others.length)];
  return second && fill(second) < fill(first) ? second : first;
}

function isPlaceable(node: NodeView, { pool, exclude }: PlacementWish): boolean {
  return (
    node.role === 'worker' &&
    node.state === 'ready' &&
    node.pool === pool &&
    node.link !== undefined &&
    node.sessions < node.capacity &&
    !exclude.includes(node.id)
  );
}

function fill(node: NodeView): number {
  return node.sessions / node.capacity;
}

/** The ticket without what the offer adds: which worker, until when. */
export type TicketBody = Omit<AgentTicket, 'node' | 'expiresAt'> | Omit<EdgeTicket, 'node' | 'expiresAt'>;

/** An invitation to `worker`, by its own address or through a gateway. Rejects with `no_gateway_available`. */
export async function offerLink(
  deps: ApiDeps,
  worker: { readonly id: string; readonly link: string },
  body: TicketBody,
): Promise<LinkOffer> {
  const expiresAt = deps.now() + TICKET_MS;
  return {
    url: deps.linkVia === 'worker' ? `${worker.link}/link` : `${await gatewayLink(deps)}/link/${worker.id}`,
    ticket: signTicket(deps.secret, { ...body, node: worker.id, expiresAt }),
    expiresAt: new Date(expiresAt).toISOString(),
    node: worker.id,
  };
}

async function gatewayLink({ nodes }: ApiDeps): Promise<string> {
  const links = (await nodes.gateways()).flatMap(({ link }) => (link === undefined ? [] : [link]));
  return (
    pick(links) ??
    fail(
      new CulvertError('no_gateway_available', 'No gateway passes links on to the workers now.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        fix: 'Start a gateway with --link-listen, or the API with --link-via worker.',
      }),
    )
  );
}

export function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

function fail(error: CulvertError): never {
  throw error;
}
