import type { INetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1';
import { type Labels, type Manifest, matches, type NetworkPolicy, type Pods } from './manifests.ts';

/** Where a connection comes from: pods of the release, or an address somewhere else. */
export type Origin = { readonly pods: Pods } | 'outside';

/** Whether the network policies let a connection to a named port of pods through; as the API's reference describes them. */
export function mayTalk(manifests: readonly Manifest[], from: Origin, to: Pods, port: string): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[];
  const received = into(policies, from, to, port);
  return received && (from === 'outside' || outOf(policies, from.pods, to, port));
}

/** Policies add up: one that lets it through suffices, and none at all lets everything through. */
function into(policies: readonly NetworkPolicy[], from: Origin, to: Pods, port: string): boolean {
  const own = policies.filter((policy) => selects(policy, to.labels, 'Ingress'));
  if (own.length === 0) return true;
  const rules = own.flatMap(({ spec }) => spec?.ingress ?? []);
  return rules.some((rule) => hasPort(rule.ports, to, port) && hasPeer(rule.from, from));
}

function outOf(policies: readonly NetworkPolicy[], from: Pods, to: Pods, port: string): boolean {
  const own = policies.filter((policy) => selects(policy, from.labels, 'Egress'));
  if (own.length === 0) return true;
  const rules = own.flatMap(({ spec }) => spec?.egress ?? []);
  return rules.some((rule) => hasPort(rule.ports, to, port) && hasPeer(rule.to, { pods: to }));
}

function selects({ spec }: NetworkPolicy, labels: Labels, type: 'Ingress' | 'Egress'): boolean {
  return spec !== undefined && spec.policyTypes?.includes(type) === true && matches(spec.podSelector ?? {}, labels);
}

function hasPort(ports: readonly { readonly port?: string | number }[] | undefined, to: Pods, name: string): boolean {
  if (ports === undefined) return true;
  const number = to.container.ports?.find((port) => port.name === name)?.containerPort;
  return ports.some(({ port }) => port === undefined || port === name || port === number);
}

function hasPeer(peers: readonly INetworkPolicyPeer[] | undefined, origin: Origin): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some(({ podSelector, namespaceSelector, ipBlock }) => {
    if (origin === 'outside') return ipBlock !== undefined;
    if (namespaceSelector !== undefined) return matches(namespaceSelector, {});
    return podSelector !== undefined && matches(podSelector, origin.pods.labels);
  });
}
