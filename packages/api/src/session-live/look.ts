import { CulvertError, toCulvertError } from '@culvert/base';
import type { LiveSession, Session, WorkerDone } from '@culvert/contracts';
import type { SessionView } from '@culvert/registry';
import type { SessionAsker } from '@culvert/service';
import type { ApiDeps } from '../deps.ts';
import { refusalOf } from '../session-asking.ts';
import { iso, toSession } from '../views.ts';

/** Shorter than a question that a person waits for: what is not known in time is told a second later. */
const ASK_WITHIN_MS = 900;

/** `gone`: the registry has the session no more. */
export type Look = { readonly kind: 'live'; readonly live: LiveSession } | { readonly kind: 'gone' };

/** One session as it is now: what the registry has of it, and its connections as the owner tells them. */
export class SessionLooker {
  readonly #deps: Pick<ApiDeps, 'registry' | 'now'>;
  readonly #asker: Pick<SessionAsker, 'ask'>;

  constructor(deps: Pick<ApiDeps, 'registry' | 'now'>, asker: Pick<SessionAsker, 'ask'>) {
    this.#deps = deps;
    this.#asker = asker;
  }

  /** Never rejects: what could not be found out is told in words, beside what was known `before`. */
  async look(id: string, before: SessionView): Promise<{ readonly look: Look; readonly view: SessionView }> {
    let view: SessionView | undefined;
    try {
      view = await this.#deps.registry.getSession(id);
    } catch (error) {
      // Static stability: what was known stays on the page.
      return { look: this.#live(toSession(before), [], wordsOf(error)), view: before };
    }
    if (view === undefined) return { look: { kind: 'gone' }, view: before };
    return { look: await this.#ask(view), view };
  }

  async #ask(view: SessionView): Promise<Look> {
    const session = toSession(view);
    try {
      const answer = await this.#asker.ask(view.id, { kind: 'describe' }, { deadlineMs: ASK_WITHIN_MS });
      if (answer.outcome === 'done') return this.#told(session, answer);
      return this.#live(session, [], wordsOf(refusalOf(answer)));
    } catch (error) {
      return this.#live(session, [], wordsOf(error));
    }
  }

  /** The owner's own figures: the registry hears of bytes only every few seconds. */
  #told(session: Session, { session: said }: WorkerDone['describe']): Look {
    const { connections, epoch, bytesIn = session.bytesIn, bytesOut = session.bytesOut } = said;
    const served = said.state !== 'offline';
    const state = served ? (connections.length > 0 ? 'busy' : 'idle') : 'offline';
    const now: Session = { ...session, state, epoch, connections: connections.length, bytesIn, bytesOut };
    return this.#live(now, connections, null);
  }

  #live(session: Session, connections: LiveSession['connections'], trouble: string | null): Look {
    return { kind: 'live', live: { at: iso(this.#deps.now()), session, connections, trouble } };
  }
}

function wordsOf(error: unknown): string {
  const { code, message } = toCulvertError(error);
  return code === 'internal' ? new CulvertError('internal').message : message;
}
