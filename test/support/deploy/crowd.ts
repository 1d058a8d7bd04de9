import assert from 'node:assert/strict';
import { type Agent, type AgentEvent, connectAgent } from '@culvert/agent';
import type { ApiClient } from '@culvert/local';
import { eventually } from '../eventually.ts';

/** Agents that dial at once; more would only wait for their slots. */
const PARALLEL = 20;
const LINKED_DEADLINE_MS = 20_000;

export interface CrowdOptions {
  readonly api: ApiClient;
  readonly key: string;
  /** What the agents may dial, and what a name resolves to. */
  readonly allow: readonly string[];
  readonly hosts: Readonly<Record<string, string>>;
}

/** One agent of the test's own process, and what it saw. */
export interface Member {
  readonly sessionId: string;
  readonly proxy: string;
  readonly agent: Agent;
  readonly events: readonly AgentEvent[];
}

/** Many customers' agents in the test's own process. Each remembers what became of it and of its connections. */
export class Crowd implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Resolves when so many more have a session. */
  async open(count: number): Promise<void> {
    let left = count;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#open();
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, work));
  }

  /** Forgets what was seen up to now. */
  forget(): void {
    for (const { events } of this.members) (events as AgentEvent[]).length = 0;
  }

  /** The workers to which a member was linked since `forget`, one after the other. */
  linksOf(member: Member): string[] {
    return member.events.flatMap((event) => (event.event === 'link.up' ? [event.node] : []));
  }

  /** Every one has a link, none was ended for good, and the API has each where its agent is. */
  async expectServed(): Promise<void> {
    for (const { agent, events, sessionId } of this.members) {
      await eventually(`a link of ${sessionId}`, () => agent.linked, LINKED_DEADLINE_MS);
      assert.deepEqual(
        events.filter(({ event }) => event === 'closed'),
        [],
        `${sessionId} was ended`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(({ agent }) => agent.close({ deadlineMs: 0 })));
  }

  async #open(): Promise<void> {
    const { api, key, allow, hosts } = this.#options;
    const events: AgentEvent[] = [];
    const agent = connectAgent({ api: api.url, key, allow, hosts, onEvent: (event) => events.push(event) });
    const { sessionId, proxy } = await agent.ready;
    this.members.push({ sessionId, proxy, agent, events });
  }
}
