import { type ObservedConnections, Reattacher, ReattachLog, roundTripMeter, WorkerLinks } from '@culvert/edge';
import type { Registry, RouteCache } from '@culvert/registry';
import { type RoleContext, signTicket } from '@culvert/service';
import { routeFinder } from './routes.ts';

/** A ticket is used at once; the rest is for clocks that differ. */
const TICKET_LIFE_MS = 60_000;

export interface EdgeParts {
  readonly links: WorkerLinks;
  readonly reattacher: Reattacher;
  readonly log: ReattachLog;
}

/** Links to workers, and what brings connections back that lose theirs. */
export function createLinks(
  resumeWindowMs: number,
  { id, boot, version, secret, logger, telemetry }: RoleContext,
  { routes, observed }: { readonly routes: RouteCache; readonly observed: ObservedConnections },
): EdgeParts {
  const log = new ReattachLog();
  const links = new WorkerLinks({
    id,
    software: `culvert/${version}`,
    logger,
    token: (worker) => {
      const expiresAt = Date.now() + TICKET_LIFE_MS;
      return signTicket(secret, { kind: 'node', id, boot, role: 'gateway', node: worker.id, expiresAt });
    },
    detached: (stream, why, from) => reattacher.take(stream, why, from),
    roundTrip: roundTripMeter(telemetry.meter),
  });
  const reattacher = new Reattacher({
    links,
    findRoute: routeFinder(routes),
    resumeWindowMs,
    logger,
    observed,
    log,
  });
  return { links, reattacher, log };
}

/** A session that has a new owner: connections that wait for it look at once. Returns what ends that. */
export function hearHints(registry: Registry, reattacher: Reattacher): () => void {
  return registry.onHint((hint) => {
    if (hint.kind === 'session' && hint.owner !== null) reattacher.hint(hint.sessionId);
  });
}
