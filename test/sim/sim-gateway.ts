import { type CulvertError, toCulvertError } from '@culvert/base';
import { ObservedConnections, Reattacher, RoutedTunnel, WorkerLinks } from '@culvert/edge';
import type { Link } from '@culvert/link';
import { Budget, StreamEnd } from '@culvert/mux';
import { RouteCache } from '@culvert/registry';
import { Opener } from '../../packages/edge/src/opener.ts';
import { routeFinder } from '../../packages/gateway/src/routes.ts';
import { RESUME_WINDOW_MS } from './config.ts';
import type { Record } from './ledger.ts';
import { Payload } from './payload.ts';
import { simDial } from './sim-dial.ts';
import type { SimProcess } from './sim-process.ts';
import { Talker } from './talker.ts';
import type { World } from './world.ts';

/** As the gateway role has them. */
const MAX_ROUTES = 1_000;
const ROUTE_TTL_MS = 30_000;
const TICKET_MS = 60_000;
const OPEN_DEADLINE_MS = 35_000;

/** One life of a gateway: routes, links, the way back for connections, and the browsers at its front. */
export class SimGateway {
  readonly process: SimProcess;
  readonly budget: Budget;
  readonly keptBudget: Budget;
  readonly reattacher: Reattacher;
  readonly links: WorkerLinks;
  /** Edge ends that are not over. */
  readonly streams = new Set<StreamEnd>();
  readonly #world: World;
  readonly #opener: Opener;
  readonly #findRoute: ReturnType<typeof routeFinder>;
  readonly #mayReturn: (sessionId: string) => Promise<boolean>;
  readonly boot: string;

  constructor(world: World, process: SimProcess, boot: string) {
    this.#world = world;
    this.process = process;
    this.boot = boot;
    const { window, budgetBytes, highWaterBytes } = world.config;
    const logger = world.story.logger(process.name);
    const { clock } = process;
    this.budget = new Budget(budgetBytes);
    this.keptBudget = new Budget(budgetBytes);
    const registry = world.registry.client(process);
    const cache = new RouteCache(registry, { max: MAX_ROUTES, ttlMs: ROUTE_TTL_MS, clock });
    this.#findRoute = routeFinder(cache);
    this.#mayReturn = (sessionId) => registry.hasSession(sessionId);
    this.links = new WorkerLinks({
      ...{ id: process.name, software: 'sim/1', logger, clock, random: () => process.random.next() },
      token: (worker) =>
        JSON.stringify({
          ...{ kind: 'node', id: process.name, boot, role: 'gateway', node: worker.id },
          expiresAt: clock.now() + TICKET_MS,
        }),
      detached: (stream, why) => this.reattacher.take(stream, why),
      dial: simDial({
        ...{ network: world.network, process, highWaterBytes },
        streams: { window, budget: this.budget, keptBudget: this.keptBudget },
        up: (link) => this.#watch(link),
      }),
    });
    this.reattacher = new Reattacher({
      ...{ links: this.links, findRoute: this.#findRoute, resumeWindowMs: RESUME_WINDOW_MS, logger, clock },
      random: () => process.random.next(),
    });
    registry.onHint((hint) => {
      if (hint.kind === 'session') this.reattacher.hint(hint.sessionId);
    });
    this.#opener = new Opener({ deadlineMs: OPEN_DEADLINE_MS, observed: new ObservedConnections() });
  }

  /** A browser asks for a connection. */
  async open(record: Record): Promise<void> {
    const { plan } = record;
    const { story, timeline } = this.#world;
    record.gateway = `${this.process.name}#${this.boot}`;
    record.askedAtMs = timeline.nowMs;
    const gone = new AbortController();
    if (plan.abortAfterMs !== undefined) {
      this.process.after(plan.abortAfterMs, () => {
        gone.abort();
        record.browser?.abort('aborted');
      });
    }
    story.say(this.process.name, `${record.name}: the browser asks for it`);
    try {
      const target = { host: 'target.test', port: plan.number + 1 };
      const stream = await this.#opener.open(this.#tunnel(plan.agent), target, 'connect', gone.signal);
      record.openedAtMs = timeline.nowMs;
      story.say(this.process.name, `${record.name}: open`);
      const payloads = {
        outgoing: new Payload(plan.number, 'to target'),
        incoming: new Payload(plan.number, 'to browser'),
      };
      record.browser = new Talker(
        `browser of ${record.name}`,
        this.process,
        stream,
        plan.browser,
        payloads,
        (ending) => {
          record.browserEnding = ending;
          story.say(
            this.process.name,
            `${record.name}: over for the browser: ${ending.code ?? 'end'} ${ending.message}`,
          );
        },
      );
      if (gone.signal.aborted) record.browser.abort('aborted');
    } catch (thrown) {
      if (!isCulvertError(thrown)) throw thrown;
      const { code, message } = thrown;
      record.refused = { code, message, atMs: timeline.nowMs };
      story.say(this.process.name, `${record.name}: refused ${code}: ${message}`);
    }
  }

  #tunnel(agent: number): RoutedTunnel {
    const { clock } = this.process;
    return new RoutedTunnel({
      ...{ sessionId: this.#world.sessionOf(agent), tenantId: 'acme', links: this.links, clock },
      findRoute: this.#findRoute,
      mayReturn: this.#mayReturn,
      random: () => this.process.random.next(),
      logger: this.#world.story.logger(this.process.name),
    });
  }

  /** Learns of each edge end that comes to be on a link. */
  #watch(link: Link): void {
    const open = link.open.bind(link);
    link.open = async (request, options) => {
      const stream = await open(request, options);
      if (!(stream instanceof StreamEnd)) throw new TypeError('an opened stream is a StreamEnd');
      this.#world.ledger.of(request.port - 1).edgeStream = stream;
      this.streams.add(stream);
      stream.onClosed(() => this.streams.delete(stream));
      return stream;
    };
  }
}

function isCulvertError(thrown: unknown): thrown is CulvertError {
  return toCulvertError(thrown) === thrown;
}
