import assert from 'node:assert/strict';
import { type Agent, type AgentEvent, connectAgent } from '@culvert/agent';
import type { ApiClient } from '@culvert/local';
import { eventually } from '../eventually.ts';

const LINKED_DEADLINE_MS = 15_000;

/** Agents of the test's own process, without connections: sessions that a registry has to keep. */
export class IdleAgents implements AsyncDisposable {
  readonly #api: ApiClient;
  readonly #key: string;
  readonly #agents = new Map<string, { readonly agent: Agent; readonly events: AgentEvent[] }>();

  constructor(api: ApiClient, key: string) {
    this.#api = api;
    this.#key = key;
  }

  get ids(): readonly string[] {
    return [...this.#agents.keys()];
  }

  async open(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, async () => {
        const events: AgentEvent[] = [];
        const agent = connectAgent({ api: this.#api.url, key: this.#key, onEvent: (event) => events.push(event) });
        const { sessionId } = await agent.ready;
        this.#agents.set(sessionId, { agent, events });
      }),
    );
  }

  /** Those that came first go. */
  async close(count: number): Promise<void> {
    const going = [...this.#agents].slice(0, count);
    for (const [id] of going) this.#agents.delete(id);
    await Promise.all(going.map(([, { agent }]) => agent.close({ deadlineMs: 0 })));
  }

  /** Every one has a link, has ended none of its own accord, and is served as the API tells it. */
  async expectServed(): Promise<void> {
    for (const [id, { agent, events }] of this.#agents) {
      await eventually(`a link of ${id}`, () => agent.linked, LINKED_DEADLINE_MS);
      assert.deepEqual(
        events.filter(({ event }) => event === 'closed'),
        [],
        `${id} was ended`,
      );
      const { state } = await this.#api.call<{ state: string }>('GET', `/sessions/${id}`);
      assert.equal(state, 'idle', id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(this.#agents.size);
  }
}
