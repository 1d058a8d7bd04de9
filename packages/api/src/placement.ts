import { CulvertError } from '@culvert/base';
import type { LinkOffer } from '@culvert/contracts';
import { type Place, Placement, RolloutWatch } from '@culvert/registry';
import { type AgentTicket, type EdgeTicket, signTicket } from '@culvert/service';
import type { ApiDeps } from './deps.ts';
import { meteredPlacement } from './placement-metrics.ts';

/** Long enough to dial, too short to be worth stealing. */
const TICKET_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;

/** Finds places among the nodes that this API knows. */
export function createPlacement({ registry, nodes, telemetry }: ApiDeps): Pick<Placement, 'place'> {
  const read = () => registry.deployments.rollout();
  const watch = new RolloutWatch({ read, onHint: (listener) => registry.onHint(listener) });
  const placement = new Placement({ registry, nodes: () => nodes.list(), rollout: () => watch.current() });
  return telemetry === undefined ? placement : meteredPlacement(placement, telemetry.meter);
}

/** The ticket without what the offer adds: which worker, until when. */
export type TicketBody = Omit<AgentTicket, 'node' | 'expiresAt'> | Omit<EdgeTicket, 'node' | 'expiresAt'>;

/** An invitation to the worker where a place is kept for the agent, for its slot: the ticket's time counts from then. */
export async function offerPlace(
  deps: ApiDeps,
  { worker, delayMs }: Place,
  body: Omit<AgentTicket, 'node' | 'expiresAt' | 'slotAt'>,
): Promise<LinkOffer> {
  const slotAt = deps.now() + delayMs;
  const offer = await offerLink(deps, worker, { ...body, slotAt }, slotAt);
  return delayMs === 0 ? offer : { ...offer, delayMs };
}

/**
 * An invitation to `worker`, by its own address or through a gateway; good from now on, or `fromMs` (ms since the Unix
 * epoch). Rejects with `no_gateway_available`.
 */
export async function offerLink(
  deps: ApiDeps,
  worker: { readonly id: string; readonly link: string },
  body: TicketBody,
  fromMs = deps.now(),
): Promise<LinkOffer> {
  const expiresAt = fromMs + TICKET_MS;
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
