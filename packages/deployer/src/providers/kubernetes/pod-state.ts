import { NodeRole } from '@culvert/contracts';
import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { Value } from 'typebox/value';
import type { ProvidedNode } from '../provider.ts';
import { CONTAINER, LABELS, NOTES } from './names.ts';

/** What the provider keeps of a pod. */
export interface PodView extends ProvidedNode {
  readonly uid: string;
  /** Since when no machine takes it, ms since 1970; null: it has one, or nobody has looked yet. */
  readonly homelessSinceMs: number | null;
  /** Why no machine takes it, in the scheduler's words. */
  readonly homeless: string;
}

/** An autoscaler gets this long to bring a machine; `prepare` ends after a minute. */
const HOMELESS_MS = 40_000;

/**
 * Reasons for which a container waits and that do not pass by themselves in the time of a step. The first failure to pull an
 * image (ErrImagePull) is not among them: the second one is ImagePullBackOff.
 */
const HOPELESS: ReadonlySet<string> = new Set([
  ...['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'RegistryUnavailable', 'SignatureValidationFailed'],
  ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'PostStartHookError'],
  'CrashLoopBackOff',
]);
/** Signals by the number that a shell adds to 128. */
const SIGNALS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** undefined: it is no node of Culvert's. */
export function viewOf(pod: V1Pod): PodView | undefined {
  const { metadata, status } = pod;
  const labels = metadata?.labels ?? {};
  const role = labels[LABELS.role];
  const id = labels[LABELS.node] ?? metadata?.name;
  if (metadata?.uid === undefined || id === undefined || !Value.Check(NodeRole, role)) return undefined;
  const unscheduled = status?.conditions?.find(
    ({ type, status: is, reason }) => type === 'PodScheduled' && is === 'False' && reason === 'Unschedulable',
  );
  return {
    ...{ id, role, uid: metadata.uid, version: versionOf(pod), pid: null, ...stateOf(pod) },
    homelessSinceMs: unscheduled === undefined ? null : msOf(unscheduled.lastTransitionTime),
    homeless: unscheduled?.message ?? '',
  };
}

/** As it is now: one that no machine takes for long counts as ended, because waiting for it longer helps nobody. */
export function nodeOf(view: PodView, nowMs: number): ProvidedNode {
  const { uid: _, homelessSinceMs, homeless, ...node } = view;
  if (node.state !== 'starting' || homelessSinceMs === null || nowMs - homelessSinceMs < HOMELESS_MS) return node;
  return { ...node, state: 'exited', exit: `no machine takes it: ${homeless}` };
}

/** How a pod's container ended, in words; what is known of it last when the pod goes. */
export function endOf(pod: V1Pod): string | undefined {
  const ended = statusesOf(pod).flatMap(({ state, lastState }) => endWords(state) ?? endWords(lastState) ?? []);
  if (ended.length > 0) return ended.join('; ');
  const { reason, message } = pod.status ?? {};
  return reason === undefined && message === undefined ? undefined : [reason, message].filter(Boolean).join(': ');
}

function stateOf(pod: V1Pod): Pick<PodView, 'state' | 'exit'> {
  if (pod.metadata?.deletionTimestamp !== undefined) return { state: 'stopping', exit: null };
  const phase = pod.status?.phase;
  if (phase === 'Failed' || phase === 'Succeeded')
    return { state: 'exited', exit: endOf(pod) ?? `it has ${phase.toLowerCase()}` };
  const hopeless = statusesOf(pod).find(({ state }) => HOPELESS.has(state?.waiting?.reason ?? ''));
  if (hopeless !== undefined) return { state: 'exited', exit: whyItWaits(hopeless) };
  return { state: isRunning(pod) ? 'running' : 'starting', exit: null };
}

function whyItWaits({ state, lastState, restartCount }: V1ContainerStatus): string {
  const { reason, message } = state?.waiting ?? {};
  const ended = endWords(lastState);
  const times = restartCount > 0 ? `started again ${restartCount} times` : undefined;
  return [reason, ended, times, message].filter(Boolean).join('; ');
}

function endWords(state: V1ContainerState | undefined): string | undefined {
  if (state?.terminated === undefined) return undefined;
  const { exitCode, reason, message } = state.terminated;
  const by = SIGNALS[exitCode];
  const why = reason === undefined || reason === 'Error' || reason === 'Completed' ? '' : `: ${reason}`;
  return `exit code ${exitCode}${by === undefined ? '' : ` (${by})`}${why}${message ? `: ${message}` : ''}`;
}

function isRunning({ status }: V1Pod): boolean {
  const own = status?.containerStatuses?.find(({ name }) => name === CONTAINER) ?? status?.containerStatuses?.[0];
  return status?.phase === 'Running' && own?.state?.running !== undefined;
}

function statusesOf({ status }: V1Pod): V1ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** An annotation holds what a label could not; pods that others started are known by their image. */
function versionOf({ metadata, spec }: V1Pod): string {
  const told = metadata?.annotations?.[NOTES.version] ?? metadata?.labels?.[LABELS.version];
  if (told !== undefined) return told;
  const image = (spec?.containers.find(({ name }) => name === CONTAINER) ?? spec?.containers[0])?.image ?? '';
  return /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1] ?? '';
}

/** The library makes dates of them, a watch leaves the text. */
function msOf(time: Date | string | undefined): number | null {
  return time === undefined ? null : new Date(time).getTime();
}
