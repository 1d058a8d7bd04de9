/** What the directory says of one session; as little as a comparison needs, because there may be 200,000 of them. */
export interface DirectoryEntry {
  readonly tenant: string;
  /** null: its owner's lease is over. */
  readonly owner: { readonly id: string; readonly boot: string } | null;
  readonly epoch: number;
  readonly state: string;
  readonly connections: number;
  /** When its state changed, ms on Redis's clock, and the bytes of its connections: they tell whether its owner reports. */
  readonly changedAtMs: number;
  readonly bytes: number;
  /** False: only its own key knows it, the index of its tenant does not. */
  readonly listed: boolean;
}

/** A place that is kept on a worker for a session which is to come. */
export interface Reservation {
  readonly sessionId: string;
  /** Kept until then, ms on Redis's clock. */
  readonly untilMs: number;
}

/** The directory, or the part of it that was looked at. */
export interface DirectorySnapshot {
  /** By session id. */
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  /** Worker id → what the index has under its boot. A worker that is not in it was not looked up there. */
  readonly owned: ReadonlyMap<string, ReadonlySet<string>>;
  /** Members of the index of tenants' sessions that no entry of that tenant stands behind. */
  readonly strayMembers: readonly { readonly session: string; readonly tenant: string }[];
  /** Worker id → places kept there. */
  readonly reservations: ReadonlyMap<string, readonly Reservation[]>;
}

/** What a worker says of a session that it has. */
export interface ServedSession {
  readonly tenant: string;
  /** idle, busy, offline: held; any other is on its way in or out. */
  readonly state: string;
  /** null before the claim. */
  readonly epoch: number | null;
  readonly connections: number;
}

/** One live worker, and its own truth. */
export interface WorkerSnapshot {
  readonly id: string;
  readonly boot: string;
  /** By session id; undefined: it did not answer, or was not asked. */
  readonly sessions?: ReadonlyMap<string, ServedSession>;
  /** Why it did not answer; undefined: it did, or was not asked. */
  readonly trouble?: string;
}

const HELD: ReadonlySet<string> = new Set(['idle', 'busy', 'offline']);

/** A session of which the worker says that it owns it. */
export type HeldSession = ServedSession & { readonly epoch: number };

export function isHeld(session: ServedSession | undefined): session is HeldSession {
  return session !== undefined && session.epoch !== null && HELD.has(session.state);
}
