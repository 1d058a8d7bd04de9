import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { DashboardFile } from '@culvert/dashboard';

/** Below this a packet's worth is not saved. */
const MIN_BYTES = 1_400;
const TEXT = /^(?:text\/|image\/svg)/;

const ENCODERS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;
type Encoding = keyof typeof ENCODERS;

export interface Encoded {
  readonly body: Buffer;
  /** undefined: as it is. */
  readonly encoding: Encoding | undefined;
}

/** Files as browsers can take them, each encoded once, when it is first wanted: an API that nobody looks at need not. */
export class Encodings {
  readonly #made = new Map<string, Promise<Buffer>>();

  async of(file: DashboardFile, accepted: string | undefined): Promise<Encoded> {
    const encoding = encodingFor(accepted);
    const plain = { body: file.body, encoding: undefined };
    if (encoding === undefined || file.body.length < MIN_BYTES || !TEXT.test(file.type)) return plain;
    const key = `${encoding} ${file.path}`;
    const made = this.#made.get(key) ?? ENCODERS[encoding](file.body);
    this.#made.set(key, made);
    return { body: await made, encoding };
  }
}

/** The shortest that an Accept-Encoding header allows (RFC 9110, section 12.5.3); `*` and preferences are not looked at. */
export function encodingFor(accepted = ''): Encoding | undefined {
  const allowed = new Set<string>();
  for (const item of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    if (!parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) allowed.add(name);
  }
  return (['br', 'gzip'] as const).find((encoding) => allowed.has(encoding));
}
