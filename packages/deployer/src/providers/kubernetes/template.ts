import type { V1Container, V1Pod, V1PodTemplateSpec } from '@kubernetes/client-node';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { LaunchRequest } from '../provider.ts';
import { CONTAINER, isLabel, isTag, LABELS, MANAGED_BY, NOTES } from './names.ts';
import { failed } from './problem.ts';

/** What the provider itself needs of a PodTemplateSpec; the API server checks the rest. */
const Template = Type.Object({
  metadata: Type.Optional(Type.Object({})),
  spec: Type.Object({
    containers: Type.Array(Type.Object({ name: Type.String(), image: Type.String() }), { minItems: 1 }),
  }),
});

export interface PodOwner {
  readonly name: string;
  readonly uid: string;
  /** Its `app.kubernetes.io/instance`, by which the pods of two installations in one namespace are told apart. */
  readonly instance: string | undefined;
}

export const templateKey = (role: string, pool: string): string => `${role}.${pool}.json`;

/** The PodTemplateSpec under a key of the ConfigMap `from`; throws `provider_failed` if it is none. */
export function readTemplate(from: string, key: string, text: string | undefined): V1PodTemplateSpec {
  if (text === undefined) throw failed(`the ConfigMap ${from} has no ${key}: nothing says what such a pod looks like`);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw failed(`${key} of the ConfigMap ${from} is no JSON`, error);
  }
  if (Value.Check(Template, given)) return given as V1PodTemplateSpec;
  const [first] = Value.Errors(Template, given);
  throw failed(`${key} of the ConfigMap ${from} is no pod template: ${first?.instancePath || '/'} ${first?.message}`);
}

/** The pod of a node. `{version}`, `{node}`, `{pool}` and `{role}` in the template's strings become the node's own. */
export function podOf(template: V1PodTemplateSpec, request: LaunchRequest, owner: PodOwner): V1Pod {
  const { id, role, pool, version, deployment, fence } = request;
  if (!isTag(version)) throw failed(`${version} can't be an image's tag`);
  const { metadata = {}, spec } = fillIn(template, { version, node: id, pool, role });
  if (spec === undefined) throw failed('the template has no spec');
  const own = spec.containers.find(({ name }) => name === CONTAINER) ?? spec.containers[0];
  const labels = {
    ...metadata.labels,
    ...(owner.instance === undefined ? {} : { [LABELS.instance]: owner.instance }),
    ...{ [LABELS.managedBy]: MANAGED_BY, [LABELS.role]: role, [LABELS.pool]: pool, [LABELS.node]: id },
    ...(isLabel(version) ? { [LABELS.version]: version } : {}),
    ...(isLabel(deployment) ? { [LABELS.deployment]: deployment } : {}),
  };
  const told = { [NOTES.version]: version, [NOTES.deployment]: deployment, [NOTES.fence]: String(fence) };
  const { [NOTES.replicas]: _, [NOTES.firstVersion]: __, ...annotations } = metadata.annotations ?? {};
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name: id, labels, annotations: { ...annotations, ...told } },
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid }],
    },
    spec: {
      ...spec,
      containers: spec.containers.map((container) => (container === own ? withNode(container, request) : container)),
    },
  };
}

function withNode(container: V1Container, { id, pool, version, cordoned }: LaunchRequest): V1Container {
  const own = {
    ...{ CULVERT_NODE_ID: id, CULVERT_VERSION: version, CULVERT_POOL: pool },
    CULVERT_CORDONED: String(cordoned),
  };
  const others = (container.env ?? []).filter(({ name }) => !Object.hasOwn(own, name));
  return { ...container, env: [...others, ...Object.entries(own).map(([name, value]) => ({ name, value }))] };
}

function fillIn<T>(value: T, fields: Readonly<Record<string, string>>): T;
function fillIn(value: unknown, fields: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => fields[name] ?? whole);
  if (Array.isArray(value)) return value.map((one) => fillIn(one, fields));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, fields)]));
}
