import type { SessionQuestion, WorkerDone } from '@culvert/contracts';

export type QuestionKind = SessionQuestion['kind'];
export type QuestionOf<K extends QuestionKind> = Extract<SessionQuestion, { readonly kind: K }>;

/** What came of a question to a session. All but `done` and `unreachable` say for certain that nothing was done. */
export type SessionAnswer<K extends QuestionKind> = WorkerDone[K] | SessionRefusal;

export type SessionRefusal =
  /** It has open connections. */
  | { readonly outcome: 'busy'; readonly connections: number }
  /** What was asked was for an ownership that ended meanwhile: this node owns the session now, under this epoch. */
  | { readonly outcome: 'moved'; readonly epoch: number; readonly node: string }
  /**
   * Nobody serves it. `node`: who should, as the directory has it (its agent is away, or it is between two workers); null
   * when there is nobody, or no such session at all.
   */
  | { readonly outcome: 'offline'; readonly node: string | null }
  /** The epoch that was given is over: the session has had this one since. */
  | { readonly outcome: 'fenced'; readonly epoch: number }
  /** The deadline had passed before it could be carried out. */
  | { readonly outcome: 'late' }
  | Unreachable;

/** No answer of its owner's in time: it may have been carried out, or may not. */
export interface Unreachable {
  readonly outcome: 'unreachable';
  readonly node: string;
  readonly detail: string;
}
