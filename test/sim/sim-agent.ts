import type { DialLinkOptions, Link } from '@culvert/link';
import { Budget, type PendingStream, StreamEnd } from '@culvert/mux';
import { ResumeWindow } from '../../packages/agent/src/resume-window.ts';
import { Supervisor } from '../../packages/agent/src/supervisor.ts';
import { RESUME_WINDOW_MS } from './config.ts';
import { Payload } from './payload.ts';
import { simApi } from './sim-api.ts';
import { simDial } from './sim-dial.ts';
import type { SimProcess } from './sim-process.ts';
import { Talker } from './talker.ts';
import type { World } from './world.ts';

/** An agent with its targets. */
export class SimAgent {
  readonly process: SimProcess;
  readonly sessionId: string;
  readonly budget: Budget;
  readonly keptBudget: Budget;
  readonly window: ResumeWindow;
  readonly supervisor: Supervisor;
  /** Agent ends that are not over. */
  readonly streams = new Set<StreamEnd>();
  /** The cluster has ended it for good. */
  ended = false;
  readonly #world: World;
  readonly #owners = new WeakMap<PendingStream, { readonly epoch: number }>();

  constructor(world: World, process: SimProcess, sessionId: string) {
    this.#world = world;
    this.process = process;
    this.sessionId = sessionId;
    const { window, budgetBytes, links } = world.config;
    const { clock } = process;
    const logger = world.story.logger(process.name);
    this.budget = new Budget(budgetBytes);
    this.keptBudget = new Budget(budgetBytes);
    this.window = new ResumeWindow({
      clock,
      resumeWindowMs: RESUME_WINDOW_MS,
      limits: { window, budget: this.budget, keptBudget: this.keptBudget },
    });
    this.supervisor = new Supervisor({
      ...{ name: sessionId, labels: {}, ca: undefined, links, logger, clock, streams: this.window },
      api: simApi(world, process, sessionId),
      dialLink: (options) => this.#dial(options),
      serve: (pending) => this.#serve(pending),
      emit: () => undefined,
      random: () => process.random.next(),
    });
    void this.supervisor.ended.then((end) => {
      this.ended = true;
      world.story.say(process.name, `the agent has ended: ${JSON.stringify(end)}`);
    });
  }

  start(): void {
    this.supervisor.start();
  }

  /** Dials, and notes under which epoch each open comes: that is what is checked. */
  #dial(options: DialLinkOptions): Promise<Link> {
    const { network, config, invariants } = this.#world;
    const owner = { epoch: 0, nodeId: '' };
    const hear = (epoch: number): void => {
      owner.epoch = epoch;
      invariants.agentHeard(this.process.name, this.sessionId, owner);
    };
    const dial = simDial({
      ...{ network, process: this.process, highWaterBytes: config.highWaterBytes },
      up: (link) => {
        owner.nodeId = link.welcome.nodeId;
        hear(link.welcome.epoch);
        const claim = link.claim.bind(link);
        link.claim = async (lastEpoch) => {
          const epoch = await claim(lastEpoch);
          hear(epoch);
          return epoch;
        };
      },
    });
    const { accept } = options;
    if (accept === undefined) throw new TypeError('an agent accepts');
    return dial({
      ...options,
      accept: (pending) => {
        this.#owners.set(pending, owner);
        accept(pending);
      },
    });
  }

  #serve(pending: PendingStream): void {
    const { ledger, story } = this.#world;
    const record = ledger.of(pending.request.port - 1);
    const { target, number } = record.plan;
    const { name } = this.process;
    record.dials += 1;
    this.#world.invariants.agentServes(this.process.name, this.#owners.get(pending)?.epoch ?? 0);
    story.say(name, `${record.name}: dialing the target`);
    let cancelled = false;
    pending.onCancelled(() => {
      cancelled = true;
      story.say(name, `${record.name}: the open was taken back`);
    });
    this.process.after(target.dialMs, () => {
      if (cancelled) return;
      if ('refuses' in target) {
        story.say(name, `${record.name}: refused ${target.refuses}`);
        pending.refuse(target.refuses, 'the target is like that');
        return;
      }
      const stream = pending.accept();
      if (!(stream instanceof StreamEnd)) throw new TypeError('an accepted stream is a StreamEnd');
      story.say(name, `${record.name}: the target answered`);
      this.#world.invariants.targetAccepted(record);
      record.agentStream = stream;
      record.targetEnding = undefined;
      this.streams.add(stream);
      stream.onClosed(() => this.streams.delete(stream));
      const payloads = { outgoing: new Payload(number, 'to browser'), incoming: new Payload(number, 'to target') };
      record.target = new Talker(
        `target of ${record.name}`,
        this.process,
        stream,
        target.script,
        payloads,
        (ending) => {
          record.targetEnding = ending;
          story.say(name, `${record.name}: over for the target: ${ending.code ?? 'end'} ${ending.message}`);
        },
      );
    });
  }
}
