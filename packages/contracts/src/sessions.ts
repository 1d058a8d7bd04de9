import { type Static, Type } from 'typebox';
import { ChosenId, Labels, MadeId, Nullable, Page, SessionName, Timestamp } from './fields.ts';

/** An invitation to one worker; short-lived. */
export const LinkOffer = Type.Object({
  url: Type.String({ description: 'ws:// or wss:// URL to dial.' }),
  ticket: Type.String({ description: 'Sent as `Authorization: Bearer`.' }),
  expiresAt: Timestamp,
  node: Type.String({ description: 'The worker that it is for; name it in `exclude` if it does not work.' }),
  delayMs: Type.Optional(
    Type.Integer({ minimum: 0, description: 'The slot of the agent: dial so long from now, not before; absent: now.' }),
  ),
});
export type LinkOffer = Static<typeof LinkOffer>;

/** What a browser is configured with. */
export const ProxyAccess = Type.Object({
  url: Type.String({ description: 'The proxy, without credentials.' }),
  username: Type.String(),
  password: Type.String(),
  pac: Type.String({ description: 'URL of a PAC file; opens without a key.' }),
});
export type ProxyAccess = Static<typeof ProxyAccess>;

/** Tells one life of an agent from the next: the same one may take its session back at once. */
const AgentId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,63}$' });

export const OpenSessionBody = Type.Object({
  name: Type.Optional(Nullable(SessionName)),
  labels: Type.Optional(Labels),
  agentId: Type.Optional(AgentId),
});
export type OpenSessionBody = Static<typeof OpenSessionBody>;

export const OpenedSession = Type.Object({
  id: MadeId,
  name: Nullable(Type.String()),
  tenant: Type.String(),
  link: LinkOffer,
  proxy: ProxyAccess,
});
export type OpenedSession = Static<typeof OpenedSession>;

export const PlacementBody = Type.Object({
  exclude: Type.Optional(Type.Array(ChosenId, { maxItems: 64, description: 'Workers that did not work.' })),
  lastEpoch: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  agentId: Type.Optional(AgentId),
  /** The worker that the agent was advised to go to: taken if it can take the session. */
  prefer: Type.Optional(ChosenId),
  standby: Type.Optional(Type.Boolean({ description: 'For a second link, on another worker than the owner.' })),
});
export type PlacementBody = Static<typeof PlacementBody>;

/** `offline`: known, but not served now: its agent is away, or its worker is gone. */
export const SessionState = Type.Union([Type.Literal('idle'), Type.Literal('busy'), Type.Literal('offline')]);
export type SessionState = Static<typeof SessionState>;

export const Session = Type.Object({
  id: MadeId,
  name: Nullable(Type.String()),
  tenant: Type.String(),
  state: SessionState,
  node: Nullable(Type.String({ description: 'The owner, also while its agent is away; null once nobody holds it.' })),
  epoch: Type.Integer(),
  connections: Type.Integer(),
  bytesIn: Type.Integer({ description: 'From the browsers.' }),
  bytesOut: Type.Integer({ description: 'To the browsers.' }),
  connectedAt: Timestamp,
  changedAt: Timestamp,
  labels: Type.Record(Type.String(), Type.String()),
});
export type Session = Static<typeof Session>;

export const SessionList = Page(Session);
export type SessionList = Static<typeof SessionList>;

export const SessionQuery = Type.Object({
  state: Type.Optional(SessionState),
  node: Type.Optional(ChosenId),
  tenant: Type.Optional(ChosenId),
  q: Type.Optional(
    Type.String({ maxLength: 128, description: "Part of the id, the name, the tenant's id or a label's value." }),
  ),
  label: Type.Optional(
    Type.String({ maxLength: 256, description: '`key` or `key=value`: that it has, or has with this value.' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
  limit: Type.Optional(Type.String({ pattern: '^(?:[1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; 100.' })),
});
export type SessionQuery = Static<typeof SessionQuery>;

export const SessionRoute = Type.Object({
  session: MadeId,
  epoch: Type.Integer(),
  state: SessionState,
  node: Type.Object({
    id: Type.String(),
    proxy: Nullable(Type.String({ description: "The owner's own proxy (direct)." })),
    link: Nullable(Type.String()),
  }),
  gateways: Type.Array(Type.Object({ id: Type.String(), proxy: Type.String() })),
  link: LinkOffer,
});
export type SessionRoute = Static<typeof SessionRoute>;

export const Connection = Type.Object({
  id: MadeId,
  target: Type.String({ description: 'host:port' }),
  kind: Type.String({ description: 'connect, http or websocket' }),
  openedAt: Timestamp,
  lastByteAt: Nullable(Timestamp),
  bytesIn: Type.Integer(),
  bytesOut: Type.Integer(),
  attached: Type.Boolean({ description: 'False while an end of it is between two links.' }),
});
export type Connection = Static<typeof Connection>;

export const ConnectionList = Page(Connection);
export type ConnectionList = Static<typeof ConnectionList>;

export const CloseSessionQuery = Type.Object({
  force: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
});

export const PacQuery = Type.Object({
  token: Type.Optional(Type.String({ maxLength: 128 })),
  via: Type.Optional(Type.Union([Type.Literal('gateway'), Type.Literal('direct')])),
});

/** `GET /sessions/:id/access`: the ways in, with the credentials; not for viewers. */
export const SessionAccess = Type.Object({
  session: MadeId,
  gateways: Type.Array(Type.Object({ id: Type.String(), proxy: Type.String(), proxyUrl: Type.String() }), {
    description: '`proxyUrl` has the credentials in it.',
  }),
  direct: Nullable(Type.Object({ node: Type.String(), proxy: Type.String(), proxyUrl: Type.String() })),
  username: Type.String(),
  password: Type.String(),
  pac: Type.String(),
  curl: Type.String({ description: 'A command line; put a URL behind the agent in place of the example.' }),
});
export type SessionAccess = Static<typeof SessionAccess>;

export const LiveSessionQuery = Type.Object({
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('stream')])),
});

/** `GET /sessions/:id/live` (SSE, event `session`, each second): one session with its connections. */
export const LiveSession = Type.Object({
  at: Timestamp,
  session: Session,
  connections: Type.Array(Connection),
  /** Why the owner was not asked; null: `connections` is what it said. */
  trouble: Nullable(Type.String()),
});
export type LiveSession = Static<typeof LiveSession>;
