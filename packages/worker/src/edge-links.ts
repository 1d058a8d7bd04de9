import type { AcceptedLinkEvents, LinkTransport } from '@culvert/link';
import { Role } from '@culvert/mux';
import type { EdgeTicket, NodeTicket } from '@culvert/service';
import { portOf } from './agent-links.ts';
import type { Sessions } from './sessions.ts';

/** What happens on the link of a gateway, or of a local proxy whose ticket is for one session. */
export function serveEdge(
  link: LinkTransport,
  ticket: EdgeTicket | NodeTicket,
  options: { sessions: Sessions; boot: () => string },
): AcceptedLinkEvents {
  const only = ticket.kind === 'edge' ? ticket.sessionId : null;
  const side = options.sessions.switch.attachEdge(portOf(link), only, ticket.kind === 'node' ? ticket : undefined);
  void link.closed.then((end) => side.lost(end.message));
  return {
    hello: (hello) => {
      if (hello.role === Role.EDGE) {
        link.machine.welcome(hello, { epoch: 0, sessionId: only ?? '', boot: options.boot() });
      } else {
        link.machine.end({ code: 'protocol_error', message: "the ticket is an edge's, the peer is not", final: true });
      }
    },
    frame: (frame) => side.receive(frame),
  };
}
