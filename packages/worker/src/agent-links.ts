import { CulvertError, type Logger } from '@culvert/base';
import type { AcceptedLinkEvents, LinkTransport } from '@culvert/link';
import { Feature, type Hello, Role } from '@culvert/mux';
import type { AgentTicket } from '@culvert/service';
import type { Port } from './circuit.ts';
import type { Sessions } from './sessions.ts';
import type { AgentSide } from './switch.ts';

/** A link as the switch sees it. */
export function portOf(link: LinkTransport): Port {
  return {
    get resumable() {
      return (link.machine.features & Feature.RESUME) !== 0;
    },
    send: (frame) => link.send(frame),
    drop: (stream) => link.machine.drop(stream),
    queuedBytesOf: (stream) => link.machine.queuedBytesOf(stream),
  };
}

/** What happens on the link of an agent that came with `ticket`. */
export function serveAgent(
  link: LinkTransport,
  ticket: AgentTicket,
  options: { sessions: Sessions; boot: () => string; logger: Logger },
): AcceptedLinkEvents {
  const { sessions, boot, logger } = options;
  const side: AgentSide = sessions.switch.attachAgent(portOf(link));
  const standby = ticket.standby === true;
  let claiming = false;
  let noLongerStandby: () => void = () => undefined;
  return {
    hello: (hello) => void greet(hello).catch((error: unknown) => fail(error)),
    frame: (frame) => side.receive(frame),
    ...(standby ? { claim: (lastEpoch) => void claim(lastEpoch).catch((error: unknown) => fail(error)) } : {}),
  };

  async function greet(hello: Hello): Promise<void> {
    if (hello.role !== Role.AGENT)
      throw new CulvertError('protocol_error', 'the ticket is an agent’s, the peer is not');
    if (standby) {
      link.machine.welcome(hello, { epoch: 0, sessionId: ticket.sessionId, boot: boot() });
      noLongerStandby = sessions.standbys.add({ ticket, link });
      return;
    }
    const actor = await sessions.admit(ticket, link, side);
    if (actor?.epoch == null) return;
    link.machine.welcome(hello, { epoch: actor.epoch, sessionId: actor.id, boot: boot() });
  }

  /** The agent has lost its other worker: this one takes the session over. */
  async function claim(lastEpoch: number): Promise<void> {
    if (claiming) throw new CulvertError('protocol_error', 'L7: a second CLAIM');
    claiming = true;
    noLongerStandby();
    const actor = await sessions.admit({ ...ticket, lastEpoch }, link, side);
    if (actor?.epoch != null) link.machine.claimed(actor.epoch);
  }

  /** A session fails alone. */
  function fail(error: unknown): void {
    const code = error instanceof CulvertError ? error.code : 'internal';
    const message = error instanceof CulvertError ? error.message : 'a fault in the worker';
    logger.error({ event: 'session.failed', session_id: ticket.sessionId, err: error }, 'admitting the session failed');
    link.machine.end({ code, message, final: false });
  }
}
