import { createHmac, timingSafeEqual } from 'node:crypto';
import { CulvertError } from '@culvert/base';
import type { ClusterSecret } from './secret.ts';

/** An agent's right to serve one session on one worker. */
export interface AgentTicket {
  readonly kind: 'agent';
  readonly sessionId: string;
  readonly tenantId: string;
  readonly name: string | null;
  /** The agent process's own random id: the same agent may claim again at once, another supersedes it. */
  readonly agentId: string;
  /** The API key that asked for it; its revocation ends the session. */
  readonly keyId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The worker's node id. */
  readonly node: string;
  /** The highest epoch that the agent has seen; 0 for none. */
  readonly lastEpoch: number;
  /** Connections the session may have open at once. */
  readonly connectionLimit: number;
  /** The link is a second one beside the owner's: it serves nothing until its agent claims over it. */
  readonly standby?: boolean;
  /** The slot that it was admitted for, ms since the Unix epoch: the worker has been asked for it already. */
  readonly slotAt?: number;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** A local proxy's right to open connections of one session on one worker. */
export interface EdgeTicket {
  readonly kind: 'edge';
  readonly sessionId: string;
  readonly tenantId: string;
  readonly node: string;
  readonly expiresAt: number;
}

/** A node of the cluster (a gateway) that opens connections of any session on one worker. */
export interface NodeTicket {
  readonly kind: 'node';
  readonly id: string;
  readonly boot: string;
  readonly role: string;
  /** The worker that it is for. */
  readonly node: string;
  readonly expiresAt: number;
}

export type Ticket = AgentTicket | EdgeTicket | NodeTicket;

const VERSION = 't1';
const KINDS: ReadonlySet<unknown> = new Set<Ticket['kind']>(['agent', 'edge', 'node']);
/** Headers are limited to 16 KiB; labels are what makes a ticket long. */
const MAX_TOKEN_CHARS = 8192;

/** `t1.<payload>.<HMAC>`, both base64url. Readable by whoever holds it, made only by whoever has the secret. */
export function signTicket(secret: ClusterSecret, ticket: Ticket): string {
  const signed = `${VERSION}.${Buffer.from(JSON.stringify(ticket)).toString('base64url')}`;
  return `${signed}.${mac(secret, signed).toString('base64url')}`;
}

/**
 * The ticket in `token`, if this cluster made it for worker `expected.node` and it is still good.
 * Throws `ticket_invalid` or `ticket_expired`.
 */
export function verifyTicket(
  secret: ClusterSecret,
  token: string,
  expected: { readonly node: string; readonly now: number },
): Ticket {
  const ticket = open(secret, token);
  if (ticket.node !== expected.node) throw new CulvertError('ticket_invalid', 'The ticket is for another worker.');
  if (ticket.expiresAt <= expected.now) throw new CulvertError('ticket_expired');
  return ticket;
}

function open(secret: ClusterSecret, token: string): Ticket {
  const dot = token.lastIndexOf('.');
  const signed = token.slice(0, dot);
  if (token.length > MAX_TOKEN_CHARS || dot < 0 || !signed.startsWith(`${VERSION}.`)) {
    throw new CulvertError('ticket_invalid', 'The ticket is malformed.');
  }
  const given = Buffer.from(token.slice(dot + 1), 'base64url');
  const right = mac(secret, signed);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new CulvertError('ticket_invalid');
  // What is signed was written by signTicket: only its kind may be one that a newer release knows and this does not.
  const ticket = JSON.parse(Buffer.from(signed.slice(VERSION.length + 1), 'base64url').toString()) as Ticket;
  if (!KINDS.has(ticket.kind)) throw new CulvertError('ticket_invalid', 'The ticket is of an unknown kind.');
  return ticket;
}

function mac(secret: ClusterSecret, signed: string): Buffer {
  return createHmac('sha256', secret.key('ticket')).update(signed).digest();
}
