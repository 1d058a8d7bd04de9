// A version that starts, passes its verification, and fails once customers use it: every second new connection.
import { CulvertError } from '@culvert/base';
import { CANARY_TENANT } from '@culvert/contracts';
import { SessionActor } from '../../../../../../../../packages/worker/src/session-actor.ts';

const admit = SessionActor.prototype.admitConnection;
let asked = 0;
SessionActor.prototype.admitConnection = function (this: SessionActor, resumed: boolean) {
  if (resumed || this.ticket.tenantId === CANARY_TENANT) return admit.call(this, resumed);
  asked += 1;
  if (asked % 2 === 0) throw new CulvertError('internal', 'this version fails under load');
  return admit.call(this, resumed);
};
await import('../../../../../../../../packages/cli/src/main.ts');
