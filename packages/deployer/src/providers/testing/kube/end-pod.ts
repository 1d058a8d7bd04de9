import { type KubeObject, matches, StatusError } from './objects.ts';
import type { KubeStore } from './store.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const DEFAULT_GRACE = 30;

/**
 * DELETE of a pod: it is marked with the time at which it has to be gone, and stays until its kubelet says that it has ended;
 * a shorter grace than it has shortens it, a longer one changes nothing. Without a machine it goes at once.
 */
export function deletePod(store: KubeStore, namespace: string, name: string, options: DeleteOptions): void {
  const place = { kind: 'Pod', namespace, name };
  const pod = store.check(place, options.preconditions);
  const grace = options.gracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
  const { deletionGracePeriodSeconds: given } = pod.metadata;
  if (given !== undefined && grace >= given) return;
  const hasEnded = ['Failed', 'Succeeded'].includes(pod.status?.phase);
  const isNow = grace === 0 || hasEnded || pod.spec?.nodeName === undefined;
  store.update(place, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: new Date(Date.now() + grace * 1_000).toISOString(),
      deletionGracePeriodSeconds: isNow ? 0 : grace,
    },
  }));
  const hasFinalizers = (store.find(place)?.metadata.finalizers ?? []).length > 0;
  if (isNow && !hasFinalizers) store.remove(place);
}

/**
 * POST …/eviction (policy/v1): a delete that a PodDisruptionBudget may refuse with 429, as the API server's eviction.go does:
 * pods that have ended, wait for a machine, or are ending anyway count for no budget; those that are not ready count for none
 * with AlwaysAllow.
 */
export function evictPod(
  store: KubeStore,
  namespace: string,
  name: string,
  body: { readonly deleteOptions?: DeleteOptions },
): void {
  const options = body.deleteOptions ?? {};
  const pod = store.check({ kind: 'Pod', namespace, name }, options.preconditions);
  const budgets = store.list('PodDisruptionBudget', namespace).filter((budget) => covers(budget, pod));
  if (budgets.length > 1) {
    throw new StatusError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (budget !== undefined && !isExempt(budget, pod)) spend(store, budget, namespace);
  deletePod(store, namespace, name, options);
}

function isExempt(budget: KubeObject, pod: KubeObject): boolean {
  if (['Pending', 'Failed', 'Succeeded'].includes(pod.status?.phase) || pod.metadata.deletionTimestamp !== undefined)
    return true;
  return budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' && !isReady(pod);
}

function spend(store: KubeStore, budget: KubeObject, namespace: string): void {
  const covered = store.list('Pod', namespace).filter((pod) => covers(budget, pod));
  const healthy = covered.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const wanted = Number(budget.spec?.minAvailable ?? 0);
  if (healthy - 1 >= wanted) return;
  const { name } = budget.metadata;
  const message = `The disruption budget ${name} needs ${wanted} healthy pods and has ${healthy} currently`;
  throw new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: 'DisruptionBudget', message }] },
  });
}

function covers(budget: KubeObject, { metadata }: KubeObject): boolean {
  const { matchLabels = {} } = budget.spec?.selector ?? {};
  const selector = Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`);
  return matches(selector.join(','), (name) => metadata.labels?.[name]);
}

const isReady = ({ status }: KubeObject): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: is }: { type: string; status: string }) => type === 'Ready' && is === 'True',
  );
