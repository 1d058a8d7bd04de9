import { CulvertError, type Logger, type Scope } from '@culvert/base';
import { NodeChaosOrder } from '@culvert/contracts';
import { Value } from 'typebox/value';
import type { AdminServer } from '../admin.ts';
import type { Health } from '../health.ts';
import { FaultPoints } from './fault-points.ts';

export interface AllowChaosOptions {
  readonly admin: Pick<AdminServer, 'app'>;
  readonly health: Health;
  readonly scope: Scope;
  readonly logger: Logger;
  /** Aborted when the process is to stop, which nothing must hold up. */
  readonly stopping: AbortSignal;
}

/** From here on the node takes orders to fail: `POST`, `GET` and `DELETE /chaos` on its admin address, with the operator's key. */
export function allowChaos({ admin, health, scope, logger, stopping }: AllowChaosOptions): void {
  const points = scope.own('fault points', new FaultPoints({ logger }));
  stopping.addEventListener('abort', () => points.end(), { once: true });
  health.chaosAllowed = true;
  logger.warn({ event: 'chaos.allowed' }, 'failures may be rehearsed on this node (--chaos): not for production');
  admin.app.get('/chaos', () => points.state);
  admin.app.post('/chaos', (request, reply) => {
    const order: unknown = request.body;
    if (!Value.Check(NodeChaosOrder, order)) {
      const [first] = Value.Errors(NodeChaosOrder, order);
      throw new CulvertError(
        'invalid_request',
        `chaos: ${first?.instancePath ?? ''} ${first?.message ?? 'wrong order'}`,
      );
    }
    points.begin(order.run, order.fault);
    return reply.code(202).send(points.state);
  });
  admin.app.delete('/chaos', (_request, reply) => {
    points.end();
    return reply.code(204).send();
  });
}
