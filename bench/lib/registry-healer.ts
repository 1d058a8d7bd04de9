// Some workers without sockets for agents, in one process: real session actors, and all that keeps them in the directory.
import { silentLogger, systemClock } from '@culvert/base';
import { NodePresence, Registry } from '@culvert/registry';
import { Ownership } from '../../packages/worker/src/ownership.ts';
import { Reporter } from '../../packages/worker/src/reporter.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import { LinkStandIn, sideOf } from '../../packages/worker/src/testing/world.ts';
import { benchClaim, benchNode } from './registry-data.ts';
import { serveJobs } from './registry-jobs.ts';

const [, , url = '', first = '0', count = '1'] = process.argv;
const START_DEADLINE_MS = 20_000;
const CLAIMS_AT_ONCE = 16;
const SHAPE = { capacity: 1_000_000, admissionRate: 1_000 };

/** What `packages/worker/src/role.ts` joins, with the times of a real one. */
class Healer {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly presence: NodePresence;
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
    this.registry = Registry.connect({ url, logger: silentLogger });
    const info = benchNode(number, SHAPE);
    const { id: selfId, pool } = info;
    const about = { registry: this.registry, logger: silentLogger, clock: systemClock };
    const node = () => ({ id: selfId, boot: this.presence.node.boot });
    this.sessions = new Sessions({ ...about, node, pool, changed: (actor) => reporter.changed(actor) });
    const reporter = new Reporter({ ...about, sessions: () => this.sessions, node, pool });
    this.presence = new NodePresence({
      ...{ ...about, node: info },
      load: () => ({ state: 'ready', sessions: this.sessions.size, connections: 0 }),
      onReply: (reply) => ownership.beaten(reply),
      onReplaced: (error) => {
        throw error;
      },
    });
    const { sessions, presence } = this;
    const ownership = new Ownership({ ...about, selfId, sessions, reporter, presence });
    this.registry.onHint((hint) => ownership.hear(hint));
    reporter.start();
  }

  async start(): Promise<void> {
    await this.registry.waitUntilAvailable(AbortSignal.timeout(START_DEADLINE_MS));
    this.presence.start();
    await this.presence.confirm();
  }

  /** Agents come: those with the numbers from `from` on. */
  async admit(from: number, sessions: number): Promise<void> {
    let next = from;
    const client = async (): Promise<void> => {
      while (next < from + sessions) {
        next += 1;
        await this.#admitOne(next - 1);
      }
    };
    await Promise.all(Array.from({ length: CLAIMS_AT_ONCE }, client));
  }

  async #admitOne(index: number): Promise<void> {
    const { sessionId, tenantId, name, agentId, keyId, labels } = benchClaim(index, benchNode(this.#number, SHAPE));
    const link = new LinkStandIn();
    const ticket = {
      ...({ kind: 'agent', sessionId, tenantId, name, agentId, keyId, labels, lastEpoch: 0 } as const),
      ...{ node: this.presence.node.id, connectionLimit: 10, expiresAt: Date.now() + 60_000 },
    };
    const actor = await this.sessions.admit(ticket, link.asLink(), sideOf(this.sessions));
    if (actor === undefined) throw new Error(`session ${index} was not admitted: ${link.end?.message}`);
  }
}

const healers = Array.from({ length: Number(count) }, (_, i) => new Healer(Number(first) + i));
await Promise.all(healers.map((healer) => healer.start()));

/** Each worker of this process gets `each` sessions, numbered from `from` on. Answers how many this process holds. */
serveJobs<{ readonly from: number; readonly each: number }, number>(async ({ from, each }) => {
  for (const [i, healer] of healers.entries()) await healer.admit(from + i * each, each);
  return healers.reduce((sum, { sessions }) => sum + sessions.all().length, 0);
});
