import assert from 'node:assert/strict';
import {
  type Deployment,
  type DeploymentBody,
  type DeploymentState,
  type DeploymentWhy,
  FINAL_STATES,
  type Receipt,
} from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';
import { eventually } from '../eventually.ts';

const RECEIPT_DEADLINE_MS = 10_000;

/** One deployment, as its operator sees it. */
export class DeploymentDriver {
  readonly id: string;
  readonly #api: ApiClient;

  private constructor(api: ApiClient, id: string) {
    this.#api = api;
    this.id = id;
  }

  static async start(api: ApiClient, body: DeploymentBody): Promise<DeploymentDriver> {
    const { id } = await api.call<Deployment>('POST', '/deployments', { body });
    return new DeploymentDriver(api, id);
  }

  show(): Promise<Deployment> {
    return this.#api.call('GET', `/deployments/${this.id}`);
  }

  why(): Promise<DeploymentWhy> {
    return this.#api.call('GET', `/deployments/${this.id}/why`);
  }

  command(verb: string, body: object = {}): Promise<Deployment> {
    return this.#api.call('POST', `/deployments/${this.id}/${verb}`, { body });
  }

  /** Waits for a state in which `test` holds; says where it stood when it does not come to that. */
  async until(what: string, test: (deployment: Deployment) => boolean, deadlineMs: number): Promise<Deployment> {
    let last: Deployment | undefined;
    try {
      return await eventually(
        what,
        async () => {
          last = await this.show();
          return test(last) && last;
        },
        deadlineMs,
      );
    } catch (error) {
      if (last) assert.fail(`${(error as Error).message}\n${story(last)}`);
      throw error;
    }
  }

  /** Waits for its end, which has to be this one. */
  async ends(state: DeploymentState, deadlineMs: number): Promise<Deployment> {
    const over = await this.until(`the deployment is over`, (now) => FINAL_STATES.includes(now.state), deadlineMs);
    assert.equal(over.state, state, story(over));
    return over;
  }

  /** What it did to whom; there a moment after its end. */
  receipt(): Promise<Receipt> {
    const look = () => this.#api.call<Receipt>('GET', `/deployments/${this.id}/receipt`);
    return eventually('the receipt', look, RECEIPT_DEADLINE_MS);
  }
}

/** Where it stands, and how it came to that, for a person who reads a failure. */
export function story({ state, reason, nodes, events }: Deployment): string {
  const units = nodes.map(({ id, replacement, step, state: of }) => `  ${id} → ${replacement}: ${step} (${of})`);
  const log = events.slice(-25).map(({ at, kind, node, message }) => `  ${at} ${kind} ${node ?? ''} ${message}`);
  return [`${state}: ${reason ?? ''}`, ...units, ...log].join('\n');
}
