/** A worker that has a session, as it says. */
export interface Holder {
  readonly worker: string;
  readonly epoch: number;
  readonly state: string;
}

/** Who has the session by the directory. */
export interface NamedOwner {
  readonly worker: string;
  readonly boot: string;
  readonly epoch: number;
}

/** Two sides that say something else of one session of one worker. `report` tells one report of its owner from the next. */
interface Disagreement<T> {
  readonly session: string;
  readonly worker: string;
  readonly epoch: number;
  readonly directory: T;
  readonly served: T;
  readonly report: string;
}

/** Every way in which the directory and its workers can disagree. */
export type Difference =
  /** A worker serves it, the directory has no entry. */
  | { readonly kind: 'missing'; readonly session: string; readonly holder: Holder }
  /** The entry names an owner that does not have it. */
  | {
      readonly kind: 'stale_owner';
      readonly session: string;
      readonly owner: NamedOwner;
      /** `not_there`: it has no such session; `letting_go`: nor does it hold it any more, or not yet; `other_boot`: it is in another life by now; `unknown`: no live worker has that name. */
      readonly why: 'not_there' | 'letting_go' | 'other_boot' | 'unknown';
      readonly holder: Holder | null;
    }
  /** More than one worker says that it is the owner. */
  | {
      readonly kind: 'two_owners';
      readonly session: string;
      readonly owner: NamedOwner | null;
      readonly holders: readonly Holder[];
    }
  | ({ readonly kind: 'wrong_epoch' } & Disagreement<number>)
  | ({ readonly kind: 'wrong_tenant' } & Disagreement<string>)
  | ({ readonly kind: 'wrong_state' } & Disagreement<string>)
  /** Of open connections. */
  | ({ readonly kind: 'wrong_count' } & Disagreement<number>)
  /** Its owner's lease is over. In order, unless some worker has it. */
  | { readonly kind: 'vacant'; readonly session: string; readonly epoch: number; readonly holder: Holder | null }
  /** An index says something else than the entry. */
  | {
      readonly kind: 'index';
      readonly session: string;
      readonly index: 'owned' | 'tenanted';
      /** The worker, or the tenant, under which it is or should be. */
      readonly under: string;
      /** `lacks`: it is not there; `extra`: it is there, but the entry is another's; `no_entry`: it is there without an entry. */
      readonly problem: 'lacks' | 'extra' | 'no_entry';
    }
  /** A live worker did not answer: its sessions are not judged. */
  | { readonly kind: 'unreachable'; readonly worker: string; readonly why: string }
  /** A place is kept for a session that has come already. */
  | {
      readonly kind: 'orphan_reservation';
      readonly session: string;
      readonly worker: string;
      readonly untilMs: number;
    };

export type DifferenceKind = Difference['kind'];

/** `information` is told, but nothing is wrong: it goes away by itself. */
export function severityOf(difference: Difference): 'error' | 'information' {
  switch (difference.kind) {
    case 'vacant':
      return difference.holder === null ? 'information' : 'error';
    case 'orphan_reservation':
      return 'information';
    default:
      return 'error';
  }
}

/** Workers report numbers with a delay: those of a busy session may differ at each look, and be right all the same. */
export function isNumeric(difference: Difference): boolean {
  return difference.kind === 'wrong_state' || difference.kind === 'wrong_count';
}

/**
 * What is the same at the next look if the difference is the same one. Numbers have lasted when nothing was reported since,
 * or when both sides still say what they said although there were reports: either is enough.
 */
export function identitiesOf(difference: Difference): readonly string[] {
  const { kind } = difference;
  switch (kind) {
    case 'missing':
      return [`${kind} ${difference.session}`];
    case 'stale_owner':
    case 'two_owners': {
      const { session, owner } = difference;
      return [`${kind} ${session} ${owner?.worker}#${owner?.boot} ${owner?.epoch}`];
    }
    case 'wrong_epoch':
    case 'wrong_tenant':
      return [`${kind} ${difference.session} ${difference.worker} ${difference.directory}`];
    case 'wrong_state':
    case 'wrong_count': {
      const { session, worker, epoch, directory, served, report } = difference;
      const whose = `${kind} ${session} ${worker} ${epoch}`;
      return [`${whose} report ${report} ${directory}`, `${whose} values ${directory} ${served}`];
    }
    case 'vacant':
      return [`${kind} ${difference.session} ${difference.epoch}`];
    case 'index':
      return [`${kind} ${difference.session} ${difference.index} ${difference.under} ${difference.problem}`];
    case 'unreachable':
      return [`${kind} ${difference.worker}`];
    case 'orphan_reservation':
      return [`${kind} ${difference.session} ${difference.worker}`];
  }
}

/** The session that it is about; null: about a whole worker. */
export function sessionOf(difference: Difference): string | null {
  return difference.kind === 'unreachable' ? null : difference.session;
}

/** Every worker that it is about: asked again, they may agree. */
export function workersOf(difference: Difference): readonly string[] {
  switch (difference.kind) {
    case 'missing':
      return [difference.holder.worker];
    case 'stale_owner':
      return [difference.owner.worker, ...(difference.holder ? [difference.holder.worker] : [])];
    case 'two_owners':
      return [
        ...new Set([
          ...(difference.owner ? [difference.owner.worker] : []),
          ...difference.holders.map((holder) => holder.worker),
        ]),
      ];
    case 'vacant':
      return difference.holder ? [difference.holder.worker] : [];
    case 'index':
      return difference.index === 'owned' ? [difference.under] : [];
    default:
      return [difference.worker];
  }
}
