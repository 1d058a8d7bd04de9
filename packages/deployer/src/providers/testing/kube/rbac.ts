import { StatusError } from './objects.ts';

/** A rule of a Role (rbac.authorization.k8s.io/v1). */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Access {
  readonly verb: string;
  /** With its subresource: `pods/eviction`. */
  readonly resource: string;
  readonly name: string | undefined;
  readonly namespace: string;
}

/** Nothing is allowed that no rule allows; a rule with names allows nothing that has no name (list, watch, create). */
export function authorize(
  user: string,
  rules: readonly PolicyRule[],
  { verb, resource, name, namespace }: Access,
): void {
  const isAllowed = rules.some(
    ({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.includes('') &&
      resources.includes(resource) &&
      verbs.includes(verb) &&
      (resourceNames === undefined || (name !== undefined && resourceNames.includes(name))),
  );
  if (isAllowed) return;
  const what = `${resource}${name === undefined ? '' : ` "${name}"`}`;
  throw new StatusError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "" in the namespace "${namespace}"`,
  );
}

/** What the provider needs, and no more: the Role of the chart. */
export function providerRules(templates: string): PolicyRule[] {
  return [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: [templates, `${templates}-ledger`], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: [`${templates}-ledger`], verbs: ['patch'] },
  ];
}
