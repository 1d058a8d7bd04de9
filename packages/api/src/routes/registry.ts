import { CulvertError, type Logger, withDeadline } from '@culvert/base';
import { RegistryDifferenceList, RegistryDifferenceQuery, RegistryStatus } from '@culvert/contracts';
import { rootAdminKey, toDifferenceList, type Verification, verifyRegistry, WorkerSessions } from '@culvert/service';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { statusOf } from '../registry-status.ts';
import { answers } from './answers.ts';

/** Some 200,000 sessions are read in a few seconds; one that takes longer is in trouble, or the registry is. */
const VERIFY_DEADLINE_MS = 30_000;
/** Each holds all sessions in memory and reads all of Redis. */
const VERIFIED_AT_ONCE = 2;
const tags = ['registry'];

/** Is the registry what the workers say? */
export function addRegistryRoutes(root: FastifyInstance, deps: ApiDeps): void {
  const app = root.withTypeProvider<TypeBoxTypeProvider>();
  const { registry, secret, logger } = deps;
  const workers = new WorkerSessions({ key: rootAdminKey(secret) });
  let running = 0;

  app.route({
    method: 'GET',
    url: '/registry',
    config: { access: 'viewer' },
    schema: { tags, summary: 'Is it available, and whole?', response: answers({ 200: RegistryStatus }) },
    handler: () => statusOf(registry),
  });

  app.route({
    method: 'GET',
    url: '/registry/differences',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'Compare it with what all live workers say of their sessions',
      querystring: RegistryDifferenceQuery,
      response: answers({ 200: RegistryDifferenceList }),
    },
    handler: async (request) => {
      if (running >= VERIFIED_AT_ONCE) {
        throw new CulvertError('limit_exceeded', `${running} comparisons run here already`, { retryAfterSeconds: 2 });
      }
      const { settleMs } = request.query;
      running += 1;
      try {
        const verification = await withDeadline(
          VERIFY_DEADLINE_MS,
          'comparing the registry with the workers',
          (signal) =>
            verifyRegistry({
              registry,
              workers,
              signal,
              ...(settleMs === undefined ? {} : { settleMs: Number(settleMs) }),
            }),
        );
        tell(logger, verification);
        return toDifferenceList(verification);
      } finally {
        running -= 1;
      }
    },
  });
}

function tell(logger: Logger, { checked, differences, unsettled }: Verification): void {
  const fields = { event: 'registry.compared', ...checked, differences: differences.length, unsettled };
  logger.info(fields, 'the registry was compared with its workers');
}
