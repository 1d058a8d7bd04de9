import { CulvertError } from '@culvert/base';

export type Tags = Readonly<Record<string, string>>;

/** A metric, or the part of one whose samples have these tags: `http_req_duration{kind:connect}`. */
export interface Selector {
  readonly metric: string;
  readonly tags: Tags;
}

/** Throws `config_invalid`. */
export function parseSelector(text: string): Selector {
  const match = /^([A-Za-z_]\w{0,127})(?:\{([^{}]*)\})?$/.exec(text.trim());
  if (!match) throw new CulvertError('config_invalid', `${JSON.stringify(text)} is no metric, nor metric{tag:value}`);
  const [, metric = '', inner = ''] = match;
  const pairs = inner.split(',').filter((pair) => pair.trim() !== '');
  const tags = pairs.map((pair): [string, string] => {
    const colon = pair.indexOf(':');
    if (colon < 1)
      throw new CulvertError('config_invalid', `${JSON.stringify(text)}: ${JSON.stringify(pair)} is no tag:value`);
    return [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()];
  });
  return { metric, tags: Object.fromEntries(tags) };
}

export function matches(selector: Tags, tags: Tags): boolean {
  for (const name in selector) if (tags[name] !== selector[name]) return false;
  return true;
}
