/** Kubernetes objects as the double keeps them: JSON, with the metadata that an API server looks after. */
export interface KubeMeta {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  generateName?: string;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { readonly uid: string; readonly kind: string; readonly name: string }[];
  finalizers?: string[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMeta;
  // biome-ignore lint/suspicious/noExplicitAny: an API server takes what it is given
  [field: string]: any;
}

/** What an API server answers with when it refuses: a Status object, meta/v1. */
export class StatusError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: string,
    message: string,
    {
      details = {},
      headers = {},
    }: { readonly details?: object; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.headers = headers;
  }

  toJSON(): object {
    const { status: code, reason, message, details } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
  }
}

/** Only equality and existence, which is what is asked here: `a=b`, `a==b`, `a!=b`, `a`, `!a`. */
export function matches(selector: string, labelOf: (name: string) => string | undefined): boolean {
  return selector.split(',').every((term) => {
    if (term.trim() === '') return true;
    const [, name = '', operator, value = ''] = /^\s*([^=!\s]+)\s*(==|!=|=)\s*(\S*)\s*$/.exec(term) ?? [];
    if (operator !== undefined) return (labelOf(name) === value) === (operator !== '!=');
    const bare = term.trim();
    return bare.startsWith('!') ? labelOf(bare.slice(1)) === undefined : labelOf(bare) !== undefined;
  });
}

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}
