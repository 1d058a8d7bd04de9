import { nullable, type OptionTable, text } from '@culvert/service';
import { KubernetesProvider } from './kubernetes.ts';

export interface KubernetesConfig {
  /** ConfigMap of the pod templates; null: there is no provider `kubernetes`. */
  readonly kubernetesTemplates: string | null;
  /** null: the pod's own, or that of the kubeconfig. */
  readonly kubernetesNamespace: string | null;
  /** A kubeconfig; null: the pod's service account. */
  readonly kubernetesConfig: string | null;
}

/** Of the role deployer. */
export const kubernetesOptions: OptionTable<KubernetesConfig> = {
  kubernetesTemplates: {
    flag: '--kubernetes-templates',
    env: 'CULVERT_KUBERNETES_TEMPLATES',
    parser: nullable(text),
    default: null,
    doc: 'ConfigMap with the pod templates of nodes (provider kubernetes)',
  },
  kubernetesNamespace: {
    flag: '--kubernetes-namespace',
    env: 'CULVERT_KUBERNETES_NAMESPACE',
    parser: nullable(text),
    default: null,
    doc: "namespace of the nodes' pods; default: this one's own, or the kubeconfig's",
  },
  kubernetesConfig: {
    flag: '--kubernetes-config',
    env: 'CULVERT_KUBERNETES_CONFIG',
    parser: nullable(text),
    default: null,
    doc: "kubeconfig file; default: this pod's service account",
  },
};

/** null: it was not asked for. */
export function kubernetesProviderOf(config: KubernetesConfig): KubernetesProvider | null {
  const { kubernetesTemplates: templates, kubernetesNamespace: namespace, kubernetesConfig: kubeconfig } = config;
  return templates === null ? null : new KubernetesProvider({ templates, namespace, kubeconfig });
}
