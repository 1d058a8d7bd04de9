import type { BelievedNode } from '@culvert/contracts';
import type { FastifyInstance } from 'fastify';

/** A node as a process knows it. */
export interface KnownNode {
  readonly boot: string;
  readonly state: string;
  readonly cordoned: boolean;
}

/**
 * `GET /believed-nodes/:id`: what this process would act on now, so that whoever cordons a node can wait for all who place or
 * route to know it. `find` answers from what the process goes by, not from the registry; undefined: no such node is known.
 */
export function addBelievedRoute(app: FastifyInstance, find: (id: string) => Promise<KnownNode | undefined>): void {
  app.get<{ Params: { id: string } }>('/believed-nodes/:id', async (request): Promise<BelievedNode> => {
    const node = await find(request.params.id);
    if (node === undefined) return { known: false, boot: null, state: null, cordoned: false };
    const { boot, state, cordoned } = node;
    return { known: true, boot, state, cordoned };
  });
}
