/** Turns the text of a flag or variable into a value; `undefined` means it does not fit. */
export interface Parser<T> {
  /** What fits, as the end of a sentence: `expected …`. */
  readonly expects: string;
  parse(text: string): T | undefined;
  /** How a value is shown in `--help`; String() unless given. */
  print?(value: T): string;
  /** What the flag alone stands for; absent: it needs a value. */
  readonly alone?: string;
}

export interface HostPort {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `name:0`. */
export const hostPort: Parser<HostPort> = {
  expects: 'host:port, such as 127.0.0.1:8080 or [::1]:0 (port 0: any free one)',
  parse(text) {
    const match = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<name>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/.exec(text);
    const host = match?.groups?.v6 ?? match?.groups?.name;
    const port = Number(match?.groups?.port);
    return host === undefined || port > 65535 ? undefined : { host, port };
  },
  print: formatHostPort,
};

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function integer(min: number, max: number): Parser<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    parse(text) {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `2m`, `1h` → milliseconds, within [minMs, maxMs]. */
export function duration(minMs: number, maxMs: number): Parser<number> {
  return {
    expects: `a duration such as 500ms, 30s or 2m, from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`,
    parse(text) {
      const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
      const ms = Math.round(Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ''] ?? Number.NaN));
      return ms >= minMs && ms <= maxMs ? ms : undefined;
    },
    print: formatDuration,
  };
}

/** The shortest text that `duration` reads back as `ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's']) {
    const size = UNITS_MS[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** An absolute URL of one of `schemes` (`redis`, `https`), kept as the text that was given. */
export function url(...schemes: readonly string[]): Parser<string> {
  return {
    expects: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    parse(text) {
      const parsed = URL.parse(text);
      return parsed && schemes.includes(parsed.protocol.slice(0, -1)) ? text : undefined;
    },
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Parser<T> {
  return {
    expects: `one of ${values.join(', ')}`,
    parse: (text) => values.find((value) => value === text),
  };
}

/** Comma-separated, blanks around the items dropped. */
export const stringList: Parser<readonly string[]> = {
  expects: 'a comma-separated list',
  parse(text) {
    const items = text.split(',').map((item) => item.trim());
    return items.every((item) => item !== '') ? items : undefined;
  },
};

/** Names that go into URLs, Redis keys and labels: node ids, pools. */
export const identifier: Parser<string> = {
  expects: '1 to 63 of a-z, 0-9, and inside - . _',
  parse: (text) => (/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/.test(text) ? text : undefined),
};

/** A switch: its flag may stand alone. */
export const yesNo: Parser<boolean> = {
  expects: 'true or false',
  alone: 'true',
  parse: (given) => (given === 'true' ? true : given === 'false' ? false : undefined),
};

export const text: Parser<string> = {
  expects: 'some text',
  parse: (given) => (given === '' ? undefined : given),
};

/** The same parser for an option that may also be `null`, its default: off unless given. */
export function nullable<T>({ expects, parse }: Parser<T>): Parser<T | null> {
  return { expects, parse };
}
