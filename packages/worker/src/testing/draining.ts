import { CulvertError, type Logger, silentLogger } from '@culvert/base';
import type { DrainOrder } from '@culvert/contracts';
import { encodeWindow, Frame, FrameType, type StreamEnd } from '@culvert/mux';
import { ResumePair } from '@culvert/mux/testing';
import type { NodeView } from '@culvert/registry';
import { DirectConnections } from '../direct-connections.ts';
import { Drain } from '../drain.ts';
import type { SessionActor } from '../session-actor.ts';
import { StillWorld } from './still-world.ts';
import { FrameEdge } from './world.ts';

export const worker = (id: string, over: Partial<NodeView> = {}): NodeView => ({
  ...{ id, boot: 'b', role: 'worker', version: '1', pool: 'default', host: 'h', pid: 1, admin: '', capacity: 100 },
  admissionRate: 100,
  ...{ state: 'ready', sessions: 0, connections: 0, cordoned: false, leaseAgeMs: 0 },
  ...over,
});

/** What a browser asked for on the worker's own address. */
const REQUEST = { key: new Uint8Array(16), kind: 'connect', host: 'app.internal', port: 443 } as const;

/** Lets what was promised happen: a round of the drain asks for the nodes. */
export const turn = () => new Promise(setImmediate);

/** A drain of a worker with sessions, in a cluster that the test makes up. */
export class Draining {
  readonly world: StillWorld;
  readonly direct = new DirectConnections();
  readonly drain: Drain;
  nodes: NodeView[] | CulvertError = [worker('w_1'), worker('w_2')];

  constructor(logger: Logger = silentLogger) {
    this.world = new StillWorld({ logger });
    this.drain = new Drain({
      sessions: this.world.sessions,
      direct: this.direct,
      nodes: async () => {
        if (this.nodes instanceof CulvertError) throw this.nodes;
        return this.nodes;
      },
      selfId: 'w_1',
      version: '1',
      pool: 'default',
      clock: this.world.clock,
      logger,
    });
  }

  async start(policy: 'move' | 'wait' = 'move'): Promise<void> {
    this.drain.start(policy);
    await turn();
  }

  async advance(ms: number): Promise<void> {
    this.world.clock.advance(ms);
    await turn();
  }

  /** As the deploy worker's order, or an operator's. False: it was carried out before. */
  async order(order: DrainOrder): Promise<boolean> {
    const isNew = this.drain.order(order);
    await turn();
    return isNew;
  }

  /** A browser on the worker's own address. */
  openDirect(sessionId: string, tenant = 'acme'): StreamEnd {
    const { edge: stream } = new ResumePair().open();
    const connection = { ...REQUEST, sessionId, connectionId: 'c_7' };
    this.direct.add({ connection, tenant, stream, openedAtMs: 1_000 });
    return stream;
  }

  /** A connection that its agent says to be open; how to end it. */
  connect(actor: SessionActor): () => void {
    const end = new FrameEdge(this.world.sessions).open(actor.id);
    if (end === undefined) throw new CulvertError('internal', 'not opened');
    const { agentStream } = actor.side.circuits().at(-1) ?? {};
    if (agentStream !== undefined) actor.side.receive(new Frame(FrameType.OPENED, agentStream, 0, encodeWindow(1_000)));
    return end;
  }

  async admit(count: number) {
    const admitted = [];
    for (let i = 0; i < count; i += 1) admitted.push(await this.world.admit());
    return admitted;
  }
}
