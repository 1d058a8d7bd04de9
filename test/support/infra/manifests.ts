import assert from 'node:assert/strict';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import { parseAllDocuments } from 'yaml';

export type Labels = Readonly<Record<string, string>>;

/** What Helm rendered; its types are checked by the compiler elsewhere, so here it is read as what it says it is. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  // biome-ignore lint/suspicious/noExplicitAny: of as many types as Kubernetes has kinds
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: of a Role
  readonly rules?: any;
}

export type NetworkPolicy = INetworkPolicy;

export interface Pods {
  /** What makes them: `StatefulSet culvert-worker-default`. */
  readonly from: string;
  readonly selector: Labels | undefined;
  readonly labels: Labels;
  readonly template: IPodTemplateSpec;
  readonly container: IContainer;
}

export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    assert.deepEqual(document.errors, []);
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

/** All pods that will be there: of controllers, and of the deploy worker's templates. */
export function podsOf(manifests: readonly Manifest[]): Pods[] {
  const made = manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ kind, metadata, spec }) => pods(`${kind} ${metadata.name}`, spec.template, spec.selector.matchLabels));
  const templates = manifests
    .filter(({ metadata }) => metadata.name.endsWith('-node-templates'))
    .flatMap(({ data = {} }) => Object.entries(data))
    .map(([name, json]) => pods(name, JSON.parse(json) as IPodTemplateSpec, undefined));
  return [...made, ...templates];
}

function pods(from: string, template: IPodTemplateSpec, selector: Labels | undefined): Pods {
  const [container, ...others] = template.spec?.containers ?? [];
  assert.ok(container !== undefined && others.length === 0, `${from} has one container`);
  return { from, selector, template, container, labels: template.metadata?.labels ?? {} };
}

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

/** Kubernetes' label selectors, as far as the chart uses them. */
export function matches(selector: Selector, labels: Labels): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const expressions = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    assert.equal(operator, 'In');
    return values.includes(labels[key] ?? '');
  });
  return equal && expressions;
}
