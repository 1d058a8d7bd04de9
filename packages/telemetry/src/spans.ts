import { createHash } from 'node:crypto';
import { type SpanContext, TraceFlags } from '@opentelemetry/api';

/** Every span of Culvert. */
export const SPAN = {
  /** A worker takes a session over: short. Root of a trace of its own, one per epoch; linked with the epoch before. */
  sessionOpen: 'session.open',
  /** … and gives it up, or loses it: short, child of `session.open`. */
  sessionClose: 'session.close',
  /** One connection from the wish for it to its end, at its edge: root of its trace; linked with `session.open`. */
  connection: 'connection',
  /** A worker passes an OPEN or a RESUME on until it is answered: child of `connection`. */
  switchOpen: 'switch.open',
  switchResume: 'switch.resume',
  /** The agent looks a target up and dials it: child of `connection`. */
  dial: 'dial',
  /** A connection without a path, until it has one again, as each end saw it (edge, agent): child of `connection`. */
  resume: 'resume',
  /** One tick of a deployment: root; linked with the tick that committed before it. */
  deployTick: 'deploy.tick',
  /** One effect of it that takes long (launch, verify, terminate …): child of the tick that began it. */
  deployEffect: 'deploy.effect',
} as const;

/** Attributes; those of OpenTelemetry's semantic conventions where there is one. */
export const ATTRIBUTE = {
  sessionId: 'session.id',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  peerAddress: 'network.peer.address',
  errorType: 'error.type',
  connectionId: 'culvert.connection.id',
  connectionKind: 'culvert.connection.kind',
  tenantId: 'culvert.tenant.id',
  nodeId: 'culvert.node.id',
  epoch: 'culvert.epoch',
  reason: 'culvert.reason',
  closedBy: 'culvert.closed_by',
  bytesIn: 'culvert.bytes.in',
  bytesOut: 'culvert.bytes.out',
  gapMs: 'culvert.gap_ms',
  replayedBytes: 'culvert.replayed_bytes',
  /** How often a connection went on over another path; not there: never. */
  resumes: 'culvert.resumes',
  fromNode: 'culvert.from.node.id',
  toNode: 'culvert.to.node.id',
  /** Why a span was kept although its trace was not sampled: failed, slow, resumed. */
  kept: 'culvert.kept',
  deploymentId: 'deployment.id',
  /** Which role the process has. */
  role: 'culvert.role',
  /** From the wish for a connection to its being open, or refused. */
  setupMs: 'culvert.setup_ms',
  /** Revision of the deployment that a tick committed. */
  deployRevision: 'culvert.deploy.revision',
  /** State of the deployment after the tick. */
  deployState: 'culvert.deploy.state',
  /** Node that a tick, or an effect, is about. */
  deployNode: 'culvert.deploy.node',
  /** Step of a unit that a tick, or an effect, is about. */
  deployStep: 'culvert.deploy.step',
  /** Kind of an effect. */
  deployEffect: 'culvert.deploy.effect',
} as const;

/**
 * The context of the span `session.open` of one ownership. It is computed, not told: whoever knows a session's id and epoch
 * can link to the span, and no message has to carry it.
 */
export function sessionSpanContext(sessionId: string, epoch: number): SpanContext {
  const digest = createHash('sha256').update(`culvert session.open ${sessionId} ${epoch}`).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), traceFlags: TraceFlags.SAMPLED };
}
