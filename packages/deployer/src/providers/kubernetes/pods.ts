import { CulvertError } from '@culvert/base';
import type { V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { LaunchRequest, TerminateRequest } from '../provider.ts';
import type { KubeClient } from './client.ts';
import type { Changes, Entry, Ledger, LedgerView } from './ledger.ts';
import { LABELS, MANAGED_BY } from './names.ts';
import { persist } from './persist.ts';
import { viewOf } from './pod-state.ts';
import { failed, isRefusal } from './problem.ts';
import { podOf } from './template.ts';

export type TemplateOf = (role: string, pool: string, signal: AbortSignal) => Promise<V1PodTemplateSpec>;

const NO_CHANGES: Changes = {};

/** What orders mean for pods: what may be done, and doing it. */
export class Pods {
  readonly #client: () => Promise<KubeClient>;
  readonly #ledger: Ledger;
  readonly #template: TemplateOf;

  constructor(client: () => Promise<KubeClient>, ledger: Ledger, template: TemplateOf) {
    this.#client = client;
    this.#ledger = ledger;
    this.#template = template;
  }

  /** What the ledger has to say before a node may be launched. */
  async toRun(request: LaunchRequest, { entries }: LedgerView, signal: AbortSignal): Promise<Changes> {
    const { id, replaces, role, pool, version, cordoned, deployment, fence } = request;
    const client = await this.#client();
    if (replaces !== null && replaces !== id && !entries.has(replaces)) {
      const pod = await client.pod(replaces, signal);
      if (pod === undefined) throw failed(`there is no pod ${replaces}, which ${id} is to replace`);
      refuseControlled(pod);
    }
    const pod = await client.pod(id, signal);
    if (pod !== undefined) refuseForeign(pod);
    const known = entries.get(id);
    if (pod?.metadata?.deletionTimestamp !== undefined || (pod !== undefined && known?.order === 'end')) {
      throw failed(`${id} is ending; it can begin anew after that`);
    }
    if (known?.order === 'run') return NO_CHANGES;
    const uid = pod?.metadata?.uid ?? null;
    return { [id]: { role, pool, version, order: 'run', cordoned, deployment, fence, uid, atMs: Date.now() } };
  }

  /**
   * Makes the pod that the ledger wants and does not know yet. If somebody else has made it, that is the one; if it was told to
   * end meanwhile, what was made here goes again.
   */
  async make(request: LaunchRequest, signal: AbortSignal): Promise<void> {
    const { id, role, pool } = request;
    const client = await this.#client();
    const template = await this.#template(role, pool, signal);
    const { owner } = await this.#ledger.read(signal);
    const body = podOf(template, request, owner);
    const pod = await persist(`the pod ${id}`, signal, async () => {
      try {
        return await client.createPod(body, signal);
      } catch (error) {
        if (!isRefusal(error, 409)) throw error;
        const there = await client.pod(id, signal);
        if (there === undefined) throw error; // it has just gone
        refuseForeign(there);
        return there;
      }
    });
    await this.#confirm(id, pod, signal);
  }

  /** What the ledger has to say before a node may be ended. */
  async toEnd(
    { id, deployment, fence }: TerminateRequest,
    { entries }: LedgerView,
    signal: AbortSignal,
  ): Promise<Changes> {
    const known = entries.get(id);
    if (known?.order === 'end') return NO_CHANGES;
    const order = { order: 'end', deployment, fence, atMs: Date.now() } as const;
    if (known !== undefined) return { [id]: { ...known, ...order } };
    const pod = await (await this.#client()).pod(id, signal);
    const view = pod === undefined ? undefined : viewOf(pod);
    if (pod === undefined || view === undefined) throw failed(`there is no pod of a node ${id}`);
    refuseControlled(pod);
    const pool = pod.metadata?.labels?.[LABELS.pool] ?? '';
    return { [id]: { role: view.role, version: view.version, pool, uid: view.uid, cordoned: false, ...order } };
  }

  /** Until its end has begun; waits for a disruption budget as long as the signal allows. */
  async end({ id, fence, graceMs }: TerminateRequest, signal: AbortSignal): Promise<void> {
    const client = await this.#client();
    // 0 would take the pod out of the API without waiting for its end.
    const graceSeconds = Math.max(1, Math.ceil(graceMs / 1_000));
    let isFirst = true;
    await persist(`the eviction of ${id}`, signal, async () => {
      // A second look finds the pod changed, so who may order may have changed, too.
      if (!isFirst) await this.#ledger.change(fence, signal, () => NO_CHANGES);
      isFirst = false;
      const pod = await client.pod(id, signal);
      const { uid, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } = pod?.metadata ?? {};
      if (uid === undefined || resourceVersion === undefined) return;
      if (deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) <= graceSeconds) return;
      try {
        await client.evict(id, { uid, resourceVersion, graceSeconds }, signal);
      } catch (error) {
        if (!isRefusal(error, 404)) throw error;
      }
    });
  }

  /** This pod only: another one of its name is not meant. */
  async remove({ metadata }: V1Pod, signal: AbortSignal): Promise<void> {
    const client = await this.#client();
    const id = metadata?.name ?? '';
    await persist(`the eviction of ${id}`, signal, async () => {
      const { uid, resourceVersion, deletionTimestamp } = (await client.pod(id, signal))?.metadata ?? {};
      const isThere = uid !== undefined && uid === metadata?.uid && deletionTimestamp === undefined;
      if (isThere && resourceVersion) await client.evict(id, { uid, resourceVersion, graceSeconds: 1 }, signal);
    });
  }

  async #confirm(id: string, pod: V1Pod, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata?.uid ?? null;
    const { entries } = await this.#ledger.change(null, signal, ({ entries }): Changes => {
      const entry: Entry | undefined = entries.get(id);
      return entry?.order === 'run' && entry.uid === null ? { [id]: { ...entry, uid } } : NO_CHANGES;
    });
    if (entries.get(id)?.order === 'run') return;
    await this.remove(pod, signal);
    throw new CulvertError('fenced', `${id} was told to end while it was launched`);
  }
}

function refuseForeign({ metadata }: V1Pod): void {
  if (metadata?.labels?.[LABELS.managedBy] === MANAGED_BY) return;
  const controller = metadata?.ownerReferences?.find(({ controller }) => controller);
  const whose =
    controller === undefined ? 'is not of this provider' : `belongs to the ${controller.kind} ${controller.name}`;
  throw failed(`the pod ${metadata?.name} is there already, and ${whose}`);
}

function refuseControlled({ metadata }: V1Pod): void {
  const controller = metadata?.ownerReferences?.find(({ controller }) => controller);
  if (controller === undefined) return;
  throw failed(
    `${metadata?.name} belongs to the ${controller.kind} ${controller.name}, which would start it again: ` +
      `kubectl delete ${controller.kind.toLowerCase()} ${controller.name} --cascade=orphan leaves its pods to the deploy worker`,
  );
}
