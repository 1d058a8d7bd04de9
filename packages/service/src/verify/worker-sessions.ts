import { CulvertError } from '@culvert/base';
import type { ServedSession } from './snapshot.ts';

/** A worker writes down tens of thousands of sessions in well under a second. */
const DEADLINE_MS = 5_000;
/** Of one worker's answer: some 100,000 sessions with labels. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface WorkerSessionsOptions {
  /** Sent to workers whose admin endpoints ask for it. */
  readonly key: string;
  /** For a whole answer, in ms; default 5,000. */
  readonly deadlineMs?: number;
  /** Longest answer that is read; default 64 MiB. */
  readonly maxBytes?: number;
}

/** Asks workers for all their sessions, and keeps of each what a comparison needs. */
export class WorkerSessions {
  readonly #options: WorkerSessionsOptions;

  constructor(options: WorkerSessionsOptions) {
    this.#options = options;
  }

  /** `admin`: the worker's address as the registry has it. By session id. Rejects with `node_unreachable`, and why. */
  async list(admin: string, signal?: AbortSignal): Promise<Map<string, ServedSession>> {
    const { key, deadlineMs = DEADLINE_MS, maxBytes = MAX_BYTES } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    let text: string;
    try {
      const response = await fetch(`${admin}/sessions?canary=true`, {
        headers: { authorization: `Bearer ${key}` },
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        redirect: 'error', // a redirect would carry the key elsewhere
      });
      if (!response.ok) throw new CulvertError('node_unreachable', `it answers ${response.status}`);
      text = await readBounded(response, maxBytes);
    } catch (error) {
      if (error instanceof CulvertError) throw error;
      const why = deadline.aborted ? `no answer within ${deadlineMs} ms` : `no answer: ${reasonOf(error)}`;
      throw new CulvertError('node_unreachable', why, { cause: error });
    }
    return parseSessions(text);
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop ends the request.
    if (size > maxBytes) throw new CulvertError('node_unreachable', `its answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** By hand: a schema would look at each label and time of each session, and nothing here needs them. */
function parseSessions(text: string): Map<string, ServedSession> {
  const sessions = new Map<string, ServedSession>();
  const known = new Map<string, string>();
  // What JSON.parse makes is a new string each time; tenants and states are few.
  const shared = (word: string): string => {
    if (!known.has(word)) known.set(word, word);
    return known.get(word) ?? word;
  };
  for (const item of itemsOf(text)) {
    const { id, tenant, state, epoch, connections } = item as Record<string, unknown>;
    if (typeof id !== 'string' || typeof tenant !== 'string' || typeof state !== 'string') throw foreign();
    if (typeof connections !== 'number' || (epoch !== null && typeof epoch !== 'number')) throw foreign();
    sessions.set(id, { tenant: shared(tenant), state: shared(state), epoch, connections });
  }
  return sessions;
}

function itemsOf(text: string): readonly object[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw foreign(cause);
  }
  const items = typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined;
  if (Array.isArray(items) && items.every((item) => typeof item === 'object' && item !== null)) return items;
  throw foreign();
}

function foreign(cause?: unknown): CulvertError {
  return new CulvertError('node_unreachable', 'it answers something else than its sessions', { cause });
}

/** fetch says "fetch failed"; the reason is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
