import type { ProxyServer } from '@culvert/edge';
import { Retirement, RetiringServer, type RoleContext } from '@culvert/service';
import type { PassThrough } from './pass-through.ts';

export interface GatewayRetirementOptions {
  readonly context: Pick<RoleContext, 'logger' | 'scope' | 'fatal'>;
  /** Not listening yet. */
  readonly proxy: ProxyServer;
  readonly passThrough: Pick<PassThrough, 'stopListening' | 'end'>;
  /** The node's state is another one. */
  readonly changed: () => void;
}

/**
 * How a gateway leaves its address to its replacement: new browsers and agents come to that one, browsers that are here finish
 * what they do, and the links of agents that pass through are ended last, since the connections of others go over them.
 */
export function createRetirement({ context, proxy, passThrough, changed }: GatewayRetirementOptions): Retirement {
  const { scope, logger, fatal } = context;
  const browsers = new RetiringServer(proxy.http);
  const retirement = new Retirement({
    work: async (deadline) => {
      const linksLeft = passThrough.stopListening();
      await browsers.retire(deadline);
      await linksLeft;
      await passThrough.end(deadline);
    },
    changed,
    failed: (error) => fatal('the retirement', error),
    logger,
  });
  return scope.own('retirement', retirement);
}
