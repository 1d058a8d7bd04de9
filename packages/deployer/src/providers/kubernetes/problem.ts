import { CulvertError } from '@culvert/base';

/** What an API server refuses a call with: the fields of its Status object (meta/v1) that are of use. */
export interface Refusal {
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** Machine-readable, `AlreadyExists` say; empty: there is none. */
  readonly reason: string;
  /** In the API server's own words, with those of its causes. */
  readonly words: string;
  /** What it asks to wait for, ms; 0: it does not say. */
  readonly waitMs: number;
}

/** Of the words of others. */
const MAX_WORDS = 500;
const TRANSIENT: ReadonlySet<number> = new Set([0, 429, 500, 502, 503, 504]);

export class KubeRefusal extends Error implements Refusal {
  override readonly name = 'KubeRefusal';
  readonly status: number;
  readonly reason: string;
  readonly words: string;
  readonly waitMs: number;

  constructor({ status, reason, words, waitMs }: Refusal, cause?: unknown) {
    super(words, { cause });
    this.status = status;
    this.reason = reason;
    this.words = words.slice(0, MAX_WORDS);
    this.waitMs = waitMs;
  }

  /** Asking again may be answered otherwise. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.status);
  }
}

export const isRefusal = (error: unknown, ...statuses: readonly number[]): error is KubeRefusal =>
  error instanceof KubeRefusal && (statuses.length === 0 || statuses.includes(error.status));

/** Whatever a call of the client was rejected with. */
export function refusalOf(error: unknown): KubeRefusal {
  if (error instanceof KubeRefusal) return error;
  const { code, body, headers } = fieldsOf(error);
  // A DOMException has a code, too: TimeoutError's is 23.
  const status = typeof code === 'number' && code >= 400 ? code : 0;
  if (status === 0) return new KubeRefusal({ status, reason: '', words: unanswered(error), waitMs: 0 }, error);
  const { message, reason, details } = fieldsOf(typeof body === 'string' ? parsed(body) : body);
  const { causes, retryAfterSeconds } = fieldsOf(details);
  const seconds = Number(fieldsOf(headers)['retry-after'] ?? retryAfterSeconds);
  return new KubeRefusal(
    {
      ...{ status, reason: textOf(reason) },
      words: [textOf(message) || `it answers ${status}`, ...causesOf(causes)].join('; '),
      waitMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0,
    },
    error,
  );
}

export function failed(message: string, cause?: unknown): CulvertError {
  return new CulvertError('provider_failed', message, cause === undefined ? {} : { cause });
}

function causesOf(causes: unknown): string[] {
  if (!Array.isArray(causes)) return [];
  return causes.map((cause) => textOf(fieldsOf(cause).message)).filter((words) => words !== '');
}

/** A failed `fetch` says why in its cause only. */
function unanswered(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `the API server does not answer (${error instanceof Error ? error.message : String(error)}${cause})`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text }; // a proxy's page, say
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
