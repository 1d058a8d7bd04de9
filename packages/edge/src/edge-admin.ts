import { CulvertError } from '@culvert/base';
import type { EdgeLinks, ReattachRecords } from '@culvert/contracts';
import type { ReattachLog } from './reattach-log.ts';

/** The part of an HTTP server that these endpoints need. */
export interface EdgeAdminApp {
  get(path: string, answer: (request: { readonly query: unknown }) => unknown): unknown;
}

export interface EdgeAdminOptions {
  /** Open streams by worker: `WorkerLinks`, and what a worker's own address has inside its process. */
  readonly links: { streams(): ReadonlyMap<string, number> };
  /** How many connections have no path now: `Reattacher`. */
  readonly reattacher: { readonly detached: number };
  readonly log: ReattachLog;
  /** Names the life of the log: the sequence begins anew under another one. */
  readonly boot: string;
}

/** `GET /links` and `GET /reattached`: what an edge says of its streams to workers, and of those that lost their path. */
export function addEdgeAdminRoutes(app: EdgeAdminApp, { links, reattacher, log, boot }: EdgeAdminOptions): void {
  app.get('/links', (): EdgeLinks => {
    const items = [...links.streams()].map(([node, streams]) => ({ node, streams }));
    return { items, detached: reattacher.detached };
  });
  app.get('/reattached', ({ query }): ReattachRecords => ({ boot, ...log.since(afterOf(query)) }));
}

/** @throws CulvertError invalid_request */
function afterOf(query: unknown): number {
  const after = typeof query === 'object' && query !== null && 'after' in query ? query.after : '0';
  if (typeof after === 'string' && /^\d{1,15}$/.test(after)) return Number(after);
  throw new CulvertError('invalid_request', 'after is the seq of a record, 0 or more');
}
