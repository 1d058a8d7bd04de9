import { randomBytes, randomUUID } from 'node:crypto';
import { type KubeMeta, type KubeObject, StatusError } from './objects.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: KubeObject;
}

/** `kind/namespace/name` */
type Key = string;
export interface Place {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** As etcd's, small: an API server remembers only so many changes. */
const DEFAULT_HISTORY = 1_000;

/**
 * What an API server keeps: objects, one rising number over all writes, and the last changes. A write that names a resource
 * version, or a uid, that is not the object's is a conflict.
 */
export class KubeStore {
  readonly #objects = new Map<Key, KubeObject>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #version = 100;
  maxHistory = DEFAULT_HISTORY;

  get version(): number {
    return this.#version;
  }

  get(place: Place): KubeObject {
    const object = this.find(place);
    if (object !== undefined) return structuredClone(object);
    throw new StatusError(404, 'NotFound', `${place.kind.toLowerCase()}s "${place.name}" not found`);
  }

  find(place: Place): KubeObject | undefined {
    return this.#objects.get(keyOf(place));
  }

  /** Of all namespaces, or of one. */
  list(kind: string, namespace?: string): KubeObject[] {
    const all = [...this.#objects.values()].filter(
      (object) => object.kind === kind && (namespace ?? object.metadata.namespace) === object.metadata.namespace,
    );
    return structuredClone(all.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)));
  }

  create(kind: string, namespace: string, given: Partial<KubeObject>): KubeObject {
    const { name, generateName, ...metadata } = (given.metadata ?? {}) as Partial<KubeMeta>;
    const chosen =
      name ?? (generateName === undefined ? undefined : generateName + randomBytes(3).toString('hex').slice(0, 5));
    if (chosen === undefined) throw new StatusError(422, 'Invalid', 'name or generateName is required');
    const place = { kind, namespace, name: chosen };
    if (this.find(place) !== undefined) {
      throw new StatusError(409, 'AlreadyExists', `${kind.toLowerCase()}s "${chosen}" already exists`);
    }
    const own = { name: chosen, namespace, uid: randomUUID(), creationTimestamp: new Date().toISOString() };
    const { resourceVersion: _, ...rest } = metadata;
    return this.#put('ADDED', { ...given, apiVersion: 'v1', kind, metadata: { ...rest, ...own } as KubeMeta });
  }

  /** Reads, changes and writes; a resource version in what `change` returns must be the one that was read. */
  update(place: Place, change: (object: KubeObject) => KubeObject): KubeObject {
    const before = this.get(place);
    const after = change(structuredClone(before));
    if (
      after.metadata.resourceVersion !== undefined &&
      after.metadata.resourceVersion !== before.metadata.resourceVersion
    ) {
      throw conflict(
        place,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    }
    const { uid, creationTimestamp } = before.metadata;
    const deletionTimestamp = after.metadata.deletionTimestamp ?? before.metadata.deletionTimestamp;
    const kept = { uid, creationTimestamp, ...(deletionTimestamp ? { deletionTimestamp } : {}) };
    const object = this.#put('MODIFIED', { ...after, metadata: { ...after.metadata, ...kept } });
    if (deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0 && isOver(object))
      this.remove(place);
    return object;
  }

  /** Takes it out at once. */
  remove(place: Place): void {
    const object = this.find(place);
    if (object === undefined) return;
    this.#objects.delete(keyOf(place));
    this.#tell('DELETED', object);
    this.#collect(object);
  }

  /** From after `version` on, and then what comes; 410 if it is not remembered that far back. */
  watch(version: number, listener: (event: StoreEvent) => void): () => void {
    const [oldest] = this.#history;
    const isForgotten = version < this.#version && (oldest === undefined || oldest.version > version + 1);
    if (isForgotten)
      throw new StatusError(
        410,
        'Expired',
        `too old resource version: ${version} (${oldest?.version ?? this.#version})`,
      );
    for (const event of this.#history) if (event.version > version) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As after a compaction: nobody can go on from before now. */
  forget(): void {
    this.#history = [];
    this.#version += 1;
  }

  check(
    place: Place,
    { uid, resourceVersion }: { readonly uid?: string; readonly resourceVersion?: string } = {},
  ): KubeObject {
    const object = this.get(place);
    if (uid !== undefined && uid !== object.metadata.uid) {
      throw conflict(
        place,
        `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid})`,
      );
    }
    if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
      throw conflict(
        place,
        `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record`,
      );
    }
    return object;
  }

  /** As the garbage collector: what has no owner left goes, too. */
  #collect({ metadata }: KubeObject): void {
    for (const object of this.#objects.values()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length > 0 && owners.every(({ uid }) => uid === metadata.uid)) {
        this.remove({ kind: object.kind, namespace: object.metadata.namespace, name: object.metadata.name });
      }
    }
  }

  #put(type: 'ADDED' | 'MODIFIED', given: KubeObject): KubeObject {
    const object = structuredClone(given);
    object.metadata.resourceVersion = String(this.#version + 1);
    this.#objects.set(keyOf({ kind: object.kind, ...object.metadata }), object);
    this.#tell(type, object);
    return structuredClone(object);
  }

  #tell(type: StoreEvent['type'], object: KubeObject): void {
    this.#version += 1;
    const told = structuredClone(object);
    told.metadata.resourceVersion = String(this.#version);
    const event = { type, version: this.#version, object: told };
    this.#history = [...this.#history, event].slice(-this.maxHistory);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

const keyOf = ({ kind, namespace, name }: Place): Key => `${kind}/${namespace}/${name}`;

/** A pod goes when its grace is over and its containers have ended, all else at once. */
const isOver = ({ kind, metadata }: KubeObject): boolean => kind !== 'Pod' || metadata.deletionGracePeriodSeconds === 0;

function conflict({ kind, name }: Place, words: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${kind.toLowerCase()}s "${name}": ${words}`,
  );
}
