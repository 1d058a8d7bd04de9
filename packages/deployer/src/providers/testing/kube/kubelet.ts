import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { KubeApiServer } from './api-server.ts';
import type { KubeObject } from './objects.ts';
import type { StoreEvent } from './store.ts';

/** What a pod's container runs; null: there is no such image. */
export interface ContainerRun {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface KubeletOptions {
  readonly server: KubeApiServer;
  readonly namespace: string;
  readonly runOf: (pod: KubeObject) => ContainerRun | null;
  /** Resolves once the process is ready; default: at once. */
  readonly ready?: (pod: KubeObject) => Promise<void>;
  /** Between an end and the next start, ms; a real one begins with 10 s and doubles. */
  readonly crashPauseMs?: number;
}

interface Pod {
  readonly name: string;
  readonly uid: string;
  child: ChildProcess | undefined;
  restarts: number;
  stopping: boolean;
  killTimer: NodeJS.Timeout | undefined;
  restartTimer: NodeJS.Timeout | undefined;
}

const MAX_LOG = 64 * 1024;
/** 128 and the number of the signal, as a container runtime tells it. */
const EXIT_CODES: Readonly<Record<string, number>> = { SIGKILL: 137, SIGTERM: 143 };

/**
 * A scheduler and a kubelet in one: binds pods to a machine (if `schedulable`), runs their first container as a real process,
 * tells its state, starts it again by the pod's restart policy, and ends it with its grace.
 */
export class Kubelet implements AsyncDisposable {
  readonly #options: KubeletOptions;
  readonly #pods = new Map<string, Pod>();
  readonly #stop: () => void;
  schedulable = true;

  constructor(options: KubeletOptions) {
    this.#options = options;
    const { store } = options.server;
    this.#stop = store.watch(store.version, (event) => queueMicrotask(() => this.#onEvent(event)));
  }

  /** undefined: nothing of it runs. */
  pidOf(name: string): number | undefined {
    return [...this.#pods.values()].find((pod) => pod.name === name && pod.child !== undefined)?.child?.pid;
  }

  /** As when a machine dies: its pods are gone, and nobody was asked. */
  lose(name: string): void {
    const pod = [...this.#pods.values()].find((one) => one.name === name);
    if (pod === undefined) return;
    this.#pods.delete(pod.uid);
    pod.stopping = true;
    clearTimeout(pod.restartTimer);
    pod.child?.kill('SIGKILL');
    this.#options.server.store.remove(this.#place(name));
  }

  /** As under the pressure of others: the pod has failed, and is left there for whoever looks. */
  evict(name: string, message: string): void {
    const pod = [...this.#pods.values()].find((one) => one.name === name);
    if (pod === undefined) return;
    this.#pods.delete(pod.uid);
    pod.stopping = true;
    clearTimeout(pod.restartTimer);
    pod.child?.kill('SIGKILL');
    this.#tell(name, { phase: 'Failed', reason: 'Evicted', message, containerStatuses: [], conditions: [] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    const children = [...this.#pods.values()].flatMap((pod) => {
      pod.stopping = true;
      clearTimeout(pod.killTimer);
      clearTimeout(pod.restartTimer);
      return pod.child ?? [];
    });
    this.#pods.clear();
    await Promise.all(
      children.map(async (child) => {
        const ended = once(child, 'close');
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        else return;
        await ended;
      }),
    );
  }

  #onEvent({ type, object }: StoreEvent): void {
    if (object.kind !== 'Pod' || object.metadata.namespace !== this.#options.namespace) return;
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
    const pod = this.#pods.get(uid);
    if (type === 'DELETED') {
      pod?.child?.kill('SIGKILL');
      this.#pods.delete(uid);
    } else if (deletionTimestamp !== undefined) {
      if (pod !== undefined && deletionGracePeriodSeconds > 0) this.#end(pod, deletionGracePeriodSeconds);
    } else if (pod === undefined && type === 'ADDED') this.#admit(object);
  }

  #admit(object: KubeObject): void {
    const { name, uid } = object.metadata;
    if (!this.schedulable) {
      const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
      this.#tell(name, { conditions: [condition('PodScheduled', false, 'Unschedulable', message)] });
      return;
    }
    const common = { name, uid, child: undefined, restarts: 0, stopping: false };
    const pod: Pod = { ...common, killTimer: undefined, restartTimer: undefined };
    this.#pods.set(uid, pod);
    this.#options.server.store.update(this.#place(name), (one) => ({
      ...one,
      spec: { ...one.spec, nodeName: 'machine-1' },
    }));
    const run = this.#options.runOf(object);
    if (run !== null) return this.#start(pod, object, run);
    const image = object.spec.containers[0].image;
    this.#waits(pod, 'ErrImagePull', `failed to pull image "${image}": not found`);
    pod.restartTimer = setTimeout(
      () => this.#waits(pod, 'ImagePullBackOff', `Back-off pulling image "${image}": not found`),
      this.#options.crashPauseMs ?? 10,
    );
  }

  #start(pod: Pod, object: KubeObject, run: ContainerRun): void {
    const [file = '', ...args] = run.argv;
    const child = spawn(file, args, { env: run.env, stdio: ['ignore', 'pipe', 'pipe'] });
    pod.child = child;
    let log = '';
    const keep = (chunk: Buffer): void => {
      log = (log + chunk).slice(-MAX_LOG);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#options.server.logs.set(pod.name, () => log);
    child.once('close', (code, signal) => this.#ended(pod, object, run, code ?? EXIT_CODES[signal ?? ''] ?? 1));
    child.once('error', (error) => keep(Buffer.from(String(error))));
    this.#container(pod, { running: { startedAt: new Date().toISOString() } }, { phase: 'Running' });
    const ready = this.#options.ready?.(object) ?? Promise.resolve();
    ready.then(
      () => {
        if (pod.child !== child || pod.stopping) return;
        const conditions = [condition('PodScheduled', true), condition('Ready', true)];
        this.#container(pod, { running: {} }, { phase: 'Running', conditions }, true);
      },
      () => undefined, // it ended before it was ready, which its end tells
    );
  }

  #ended(pod: Pod, object: KubeObject, run: ContainerRun, exitCode: number): void {
    pod.child = undefined;
    clearTimeout(pod.killTimer);
    const terminated = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
    if (pod.stopping) {
      if (!this.#pods.delete(pod.uid)) return;
      this.#container(pod, { terminated }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed' });
      this.#update(pod.name, (one) => ({ ...one, metadata: { ...one.metadata, deletionGracePeriodSeconds: 0 } }));
      return;
    }
    const { restartPolicy = 'Always' } = object.spec;
    if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && exitCode === 0)) {
      this.#container(pod, { terminated }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', conditions: [] });
      return;
    }
    pod.restarts += 1;
    // The first time a kubelet starts it again at once.
    const pause = pod.restarts === 1 ? 0 : (this.#options.crashPauseMs ?? 10);
    if (pause === 0) this.#container(pod, { terminated }, { phase: 'Running', conditions: [] });
    else {
      const waiting = { reason: 'CrashLoopBackOff', message: `back-off restarting failed container of ${pod.name}` };
      this.#container(pod, { waiting }, { phase: 'Running', conditions: [] }, false, { terminated });
    }
    pod.restartTimer = setTimeout(() => this.#start(pod, object, run), pause);
  }

  #end(pod: Pod, graceSeconds: number): void {
    clearTimeout(pod.killTimer);
    clearTimeout(pod.restartTimer);
    if (!pod.stopping) pod.child?.kill('SIGTERM');
    pod.stopping = true;
    if (pod.child === undefined) {
      this.#pods.delete(pod.uid);
      this.#update(pod.name, (one) => ({ ...one, metadata: { ...one.metadata, deletionGracePeriodSeconds: 0 } }));
      return;
    }
    pod.killTimer = setTimeout(() => pod.child?.kill('SIGKILL'), graceSeconds * 1_000);
  }

  #waits(pod: Pod, reason: string, message: string): void {
    this.#container(pod, { waiting: { reason, message } }, { phase: 'Pending' });
  }

  #container(pod: Pod, state: object, status: object, ready = false, lastState: object = {}): void {
    const about = { name: 'culvert', image: '', imageID: '', ready, restartCount: pod.restarts };
    this.#tell(pod.name, { ...status, containerStatuses: [{ ...about, state, lastState }] });
  }

  #tell(name: string, status: object): void {
    this.#update(name, (one) => ({ ...one, status: { ...one.status, ...status } }));
  }

  /** One that has gone meanwhile is no longer anybody's concern. */
  #update(name: string, change: (object: KubeObject) => KubeObject): void {
    const { store } = this.#options.server;
    if (store.find(this.#place(name)) !== undefined) store.update(this.#place(name), change);
  }

  #place(name: string): { readonly kind: 'Pod'; readonly namespace: string; readonly name: string } {
    return { kind: 'Pod', namespace: this.#options.namespace, name };
  }
}

function condition(type: string, is: boolean, reason?: string, message?: string): object {
  const lastTransitionTime = new Date().toISOString();
  return { type, status: is ? 'True' : 'False', lastTransitionTime, ...(reason ? { reason, message } : {}) };
}
