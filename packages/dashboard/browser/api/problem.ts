/** An answer that takes longer is as good as none, ms. */
export const DEADLINE_MS = 15_000;

/** The API said no, or nothing. What it says is for people: `message` what happened, `fix` what to do about it. */
export class ApiProblem extends Error {
  /** Of HTTP; 0: no answer at all. */
  readonly status: number;
  /** One of docs/ERRORS.md. */
  readonly code: string;
  readonly fix: string | undefined;

  constructor(status: number, code: string, message: string, fix?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.fix = fix;
  }
}

/** From an answer's body, which should be an application/problem+json (RFC 9457), and might be anything. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const { code, detail, title, fix } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const message = text(detail) ?? text(title) ?? `The API answered ${status}.`;
  return new ApiProblem(status, text(code) ?? 'unknown', message, text(fix));
}

/** From whatever was thrown: fetch throws for everything but an answer. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    0,
    'no_answer',
    'The API does not answer.',
    'Check that it runs (`culvert doctor`) and that this browser reaches it; the page goes on by itself then.',
  );
}
