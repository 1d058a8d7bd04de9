import { SliRecorder, type SliStore, SliWriter } from '@culvert/telemetry';
import type { RoleContext } from './role.ts';

/**
 * Counts what this process sees of connections and sessions, and puts it where the availability report reads it; call it
 * before what is counted is started, so that the last of it is still written. `GET /sli` tells it at once, without Redis.
 */
export function countSli(
  { scope, admin, id, boot, logger }: Pick<RoleContext, 'scope' | 'admin' | 'id' | 'boot' | 'logger'>,
  store: SliStore,
): SliRecorder {
  const recorder = new SliRecorder();
  const writer = new SliWriter({ recorder, store, writer: { node: id, boot }, logger });
  scope.own('service-level counts', writer).start();
  admin.app.get('/sli', () => ({ boot, real: recorder.total('real'), synthetic: recorder.total('synthetic') }));
  return recorder;
}
