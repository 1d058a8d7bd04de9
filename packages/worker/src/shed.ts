import { type Clock, CulvertError, systemClock } from '@culvert/base';
import { ShedBody, type Shedding } from '@culvert/contracts';
import type { AdminServer } from '@culvert/service';
import type { Drain } from './drain.ts';
import { planMoves } from './plan-moves.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sessions } from './sessions.ts';

/** An agent that has not gone this long after the last slot stays, as far as this worker is concerned. ms. */
const GRACE_MS = 15_000;

const SHARED_ANEW = { code: 'draining', message: 'the workers of the pool share their sessions anew' } as const;

export interface ShedOptions {
  readonly sessions: Pick<Sessions, 'ofCustomers'>;
  readonly drain: Pick<Drain, 'state'>;
  /** Default: the real one. */
  readonly clock?: Clock;
}

/**
 * Sends some of the sessions to other workers, as a drain sends all: advised where to go and when, served here until they
 * have gone. The idle ones first, for they have nothing to take along. Those that are on their way already count, so that
 * asking twice moves nobody twice. @throws CulvertError draining
 */
export function shed(options: ShedOptions, sheds: ShedBody['moves']): Shedding {
  const { sessions, drain, clock = systemClock } = options;
  if (drain.state !== 'off') throw new CulvertError('draining', 'the worker is being drained: all of them go');
  const present = sessions.ofCustomers().filter(({ serving }) => serving);
  const staying = present.filter(({ state }) => state.phase !== 'moving');
  const leaving = present.length - staying.length;
  const wanted = sheds.reduce((sum, { count }) => sum + count, 0) - leaving;
  const chosen = staying.toSorted((a, b) => a.connections - b.connections).slice(0, Math.max(0, wanted));
  const targets = sheds.map(({ to, count }) => ({ id: to, room: count }));
  const moves = planMoves(chosen, targets);
  for (const { session, target, delayMs } of moves) {
    session.move(SHARED_ANEW.code, SHARED_ANEW.message, { target, delayMs }, { by: 'operator' });
  }
  const lastMs = moves.reduce((last, { delayMs }) => Math.max(last, delayMs), 0);
  if (moves.length > 0) {
    clock.after(lastMs + GRACE_MS, () => {
      const asked = moves.map(({ session }) => session);
      if (drain.state === 'off') letStay(asked);
    });
  }
  return { asked: moves.length, lastMs };
}

function letStay(asked: readonly SessionActor[]): void {
  for (const actor of asked) actor.stay();
}

/** `POST /moves`. */
export function addShedRoute(app: AdminServer['app'], options: ShedOptions): void {
  app.post<{ Body: ShedBody }>('/moves', { schema: { body: ShedBody } }, (request, reply) =>
    reply.code(202).send(shed(options, request.body.moves)),
  );
}
