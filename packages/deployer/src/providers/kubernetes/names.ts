/** What is on every pod that the provider starts; `role` and `pool` are on pods that others start for the cluster, too. */
export const LABELS = {
  role: 'culvert.dev/role',
  pool: 'culvert.dev/pool',
  node: 'culvert.dev/node',
  version: 'culvert.dev/version',
  deployment: 'culvert.dev/deployment',
  instance: 'app.kubernetes.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;
export const MANAGED_BY = 'culvert-deployer';

/** Of the pods of one installation; without its name, of all in the namespace. */
export const selectorOf = (instance: string | undefined): string =>
  instance === undefined ? LABELS.role : `${LABELS.role},${LABELS.instance}=${instance}`;

/** Annotations: of pods, of templates, and (`fence`) of the ledger. */
export const NOTES = {
  version: 'culvert.dev/version',
  fence: 'culvert.dev/fence',
  deployment: 'culvert.dev/deployment',
  replicas: 'culvert.dev/replicas',
  firstVersion: 'culvert.dev/first-version',
} as const;

/** The container that a pod's node runs in; else the first. */
export const CONTAINER = 'culvert';

/** A pod's name is a DNS subdomain (RFC 1123), and is used as a host name and a label here: 63 characters. */
const POD_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const isPodName = (id: string): boolean => id.length <= 63 && POD_NAME.test(id);

/** A label's value, https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
export const isLabel = (value: string): boolean => LABEL.test(value);

/** An image's tag, https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
export const isTag = (version: string): boolean => TAG.test(version);
