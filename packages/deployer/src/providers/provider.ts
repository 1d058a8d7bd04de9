import type { ProviderChoice } from '@culvert/contracts';
import type { NodeRole } from '@culvert/registry';

/** What a node provider is asked to bring into being. */
export interface LaunchRequest {
  /** The new node's id; launching it again does nothing more, whoever asks. */
  readonly id: string;
  readonly role: NodeRole;
  readonly pool: string;
  readonly version: string;
  /** The node whose place it takes: same flags, and for a gateway or an API the same addresses. null: none. */
  readonly replaces: string | null;
  /** Begins without taking sessions (workers). */
  readonly cordoned: boolean;
  readonly choice: ProviderChoice;
  readonly deployment: string;
  /** Requests of an older fence than one that was seen are refused with `fenced`. */
  readonly fence: number;
}

export interface TerminateRequest {
  readonly id: string;
  readonly deployment: string;
  readonly fence: number;
  /** Between the polite end and the forced one, ms. */
  readonly graceMs: number;
}

/** A node as its provider sees it. */
export interface ProvidedNode {
  readonly id: string;
  readonly role: NodeRole;
  readonly version: string;
  /** `exited`: it ended and is not started again. */
  readonly state: 'starting' | 'running' | 'stopping' | 'exited';
  readonly pid: number | null;
  /** Of an exited one, in words. */
  readonly exit: string | null;
}

/**
 * Brings nodes into being and ends them; the deploy worker knows no other way to do either. Each call is idempotent by the
 * node's id, brings its own deadline (10 s), and returns once the work has begun, not when it is done: `list` tells. Rejects
 * with `provider_failed` (and the provider's own words), `fenced`, or `timeout`.
 */
export interface NodeProvider extends AsyncDisposable {
  readonly kind: ProviderChoice['kind'];
  launch(request: LaunchRequest, signal?: AbortSignal): Promise<void>;
  /** Every node that it knows; those that ended stay for a while. */
  list(signal?: AbortSignal): Promise<readonly ProvidedNode[]>;
  terminate(request: TerminateRequest, signal?: AbortSignal): Promise<void>;
  /** The last lines of its output, 64 KiB at most; empty if it is not known. */
  logs(id: string, signal?: AbortSignal): Promise<string>;
}
