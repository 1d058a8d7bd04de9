import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesProvider, type KubernetesProviderOptions } from '../../kubernetes/index.ts';
import { KubeApiServer } from './api-server.ts';
import { Kubelet, type KubeletOptions } from './kubelet.ts';
import type { KubeObject } from './objects.ts';
import { type PolicyRule, providerRules } from './rbac.ts';

export const NAMESPACE = 'culvert';
export const TEMPLATES = 'culvert-node-templates';
export const INSTANCE = 'culvert';

/** As the chart renders it, without what the double does not look at. */
export function workerTemplate(more: Readonly<Record<string, unknown>> = {}, metadata: object = {}): object {
  const labels = { 'app.kubernetes.io/name': 'culvert', 'app.kubernetes.io/component': 'worker' };
  const container = { name: 'culvert', image: 'registry.example/culvert:{version}', args: ['worker'] };
  return { metadata: { labels, ...metadata }, spec: { containers: [container], restartPolicy: 'Never', ...more } };
}

/** `rules`: of the provider's service account; default: those of the chart. */
export interface KubeWorldOptions extends Partial<Pick<KubeletOptions, 'runOf' | 'ready' | 'crashPauseMs'>> {
  /** By key of the ConfigMap. */
  readonly templates?: Readonly<Record<string, object>>;
  readonly rules?: readonly PolicyRule[];
}

/** An API server, a kubelet, the chart's ConfigMaps, and a kubeconfig for the provider's service account. */
export class KubeWorld implements AsyncDisposable {
  readonly server: KubeApiServer;
  readonly kubelet: Kubelet;
  readonly #folder: string;
  readonly #providers: KubernetesProvider[] = [];

  private constructor(server: KubeApiServer, kubelet: Kubelet, folder: string) {
    this.server = server;
    this.kubelet = kubelet;
    this.#folder = folder;
  }

  static async open({
    templates,
    rules = providerRules(TEMPLATES),
    runOf = sleepers,
    ...more
  }: KubeWorldOptions = {}): Promise<KubeWorld> {
    const user = { name: `system:serviceaccount:${NAMESPACE}:culvert-deployer`, rules };
    const server = new KubeApiServer({ 'deployer-token': user });
    const kubelet = new Kubelet({ server, namespace: NAMESPACE, runOf, ...more });
    const folder = await mkdtemp(join(tmpdir(), 'culvert-kube-'));
    const given = templates ?? { 'worker.default.json': workerTemplate() };
    const data = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, JSON.stringify(value)]));
    const labels = { 'app.kubernetes.io/instance': INSTANCE };
    server.store.create('ConfigMap', NAMESPACE, {
      metadata: { name: TEMPLATES, labels },
      data,
    } as unknown as KubeObject);
    server.store.create('ConfigMap', NAMESPACE, {
      metadata: { name: `${TEMPLATES}-ledger`, labels },
    } as unknown as KubeObject);
    await writeFile(join(folder, 'config'), JSON.stringify(kubeconfig(await server.listen())));
    return new KubeWorld(server, kubelet, folder);
  }

  get kubeconfig(): string {
    return join(this.#folder, 'config');
  }

  /** One more deploy worker's. */
  provider(more: Partial<KubernetesProviderOptions> = {}): KubernetesProvider {
    const options = { kubeconfig: this.kubeconfig, namespace: null, templates: TEMPLATES };
    const provider = new KubernetesProvider({ ...options, ...more });
    this.#providers.push(provider);
    return provider;
  }

  pod(name: string): KubeObject | undefined {
    return this.server.store.find({ kind: 'Pod', namespace: NAMESPACE, name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const provider of this.#providers) await provider[Symbol.asyncDispose]();
    await this.kubelet[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What a pod of a version does in the tests of providers. */
function sleepers(pod: KubeObject): { argv: string[]; env: NodeJS.ProcessEnv } | null {
  const version = String(pod.spec.containers[0].image).split(':').at(-1) ?? '';
  if (version.endsWith('-absent')) return null;
  if (version.endsWith('-broken')) return { argv: ['sh', '-c', 'echo told to fail; exit 3'], env: {} };
  if (version.endsWith('-deaf')) return { argv: ['sh', '-c', "trap '' TERM; exec sleep 120"], env: {} };
  return { argv: ['sleep', '120'], env: {} };
}

/** In JSON, which is YAML. */
function kubeconfig(server: string): object {
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: 'deployer-token' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: NAMESPACE } }],
  };
}
