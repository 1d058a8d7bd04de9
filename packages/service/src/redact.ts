/** Field names whose values are never written, in any spelling of case and separators. */
const SECRET_FIELD = /^(?:proxy)?authorization$|^(?:set)?cookie$|ticket$|secret$|password$|token$|apikey$|^key$/;
const REDACTED = '[redacted]';
/** Texts without any of these hold nothing that is replaced below: one look instead of four for nearly all of them. */
const SUSPICIOUS = /\/\/|bearer|basic|ck_|[?&](?:token|ticket|key)=/i;
/** Deep enough for what we log; cuts off what refers to itself. */
const MAX_DEPTH = 6;

/** A copy of `value` fit for a log: secret fields and credentials inside texts replaced. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Date) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), depth + 1);
  return redactFields(value, depth);
}

/** `//user:password@host`, bearer keys and tickets, wherever they stand in a text. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(/(\/\/[^:@/\s]*:)[^@/\s]*@/g, `$1${REDACTED}@`)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`)
    .replace(/\bck_([a-z0-9]+)_[a-z0-9]+/g, `ck_$1_${REDACTED}`)
    .replace(/([?&](?:token|ticket|key)=)[^&#\s"]+/g, `$1${REDACTED}`);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const hidden = value !== null && SECRET_FIELD.test(name.toLowerCase().replaceAll(/[-_]/g, ''));
    copy[name] = hidden ? REDACTED : redact(value, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack } = error;
  const own = redactFields({ ...error }, depth); // `code`, `fix` and whatever else the thrower added
  const causes = error instanceof AggregateError ? { errors: error.errors.map((each) => redact(each, depth + 1)) } : {};
  return {
    name,
    message: redactText(message),
    ...own,
    ...causes,
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
  };
}
