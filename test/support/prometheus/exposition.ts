/** One series of a scrape: `name{labels} value`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric of a scrape, as its `# TYPE` line says. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

/**
 * Reads the Prometheus text format, version 0.0.4. Strict: a sample that no `# TYPE` line announces, or a line that is no sample,
 * throws.
 */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family & { readonly samples: Sample[] }>();
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (type !== null) families.set(type[1] ?? '', { name: type[1] ?? '', type: type[2] ?? '', samples: [] });
    if (line === '' || line.startsWith('#')) continue;
    const sample = parseSample(line);
    familyOf(families, sample).samples.push(sample);
  }
  return families;
}

/** The value of one series; undefined: there is none with these labels, among others. */
export function sampleOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const samples = [...families.values()].flatMap((family) => family.samples);
  return samples.find((one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value))
    ?.value;
}

function familyOf<T extends Family>(families: ReadonlyMap<string, T>, { name }: Sample): T {
  for (const family of families.values()) {
    const names = (SUFFIXES[family.type] ?? ['']).map((suffix) => `${family.name}${suffix}`);
    if (names.includes(name)) return family;
  }
  throw new Error(`no # TYPE line announces ${name}`);
}

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, unescaped(text)])),
    value: Number(value.replace('Inf', 'Infinity')),
  };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
}
