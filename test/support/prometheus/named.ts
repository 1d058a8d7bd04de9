/** One series that an expression names, with the labels that it asks it for. */
export interface Named {
  readonly name: string;
  readonly labels: readonly string[];
}

export interface NamedIn {
  readonly series: readonly Named[];
  /** What is grouped and matched by: labels of some series of the expression. */
  readonly grouped: readonly string[];
}

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SERIES = /\b((?:culvert|process|nodejs|v8js|http)_\w+|culvert:\w+:\w+|up)\b\s*(?:\{([^}]*)\})?/g;

/** What a PromQL expression names, as far as it is about what Culvert's processes show or the rules record. */
export function namedIn(expr: string): NamedIn {
  const grouped = [...expr.matchAll(GROUPING)].flatMap(([, list = '']) => list.split(',').map((one) => one.trim()));
  const rest = expr.replace(GROUPING, ' ');
  const series = [...rest.matchAll(SERIES)].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }));
  return { series, grouped: grouped.filter((label) => label !== '') };
}

/** Every series with its labels, as somebody shows or lists them. */
export type KnownSeries = ReadonlyMap<string, ReadonlySet<string>>;

/** What Prometheus adds to each target's series. */
const OF_TARGETS: readonly string[] = ['instance', 'job'];
/** Prometheus's own. */
const OWN: readonly string[] = ['up'];

/** What an expression names and nobody shows, in words. */
export function unknownIn(expr: string, known: KnownSeries): string[] {
  const { series, grouped } = namedIn(expr);
  const labels = new Set(series.flatMap(({ name }) => [...(known.get(name) ?? [])]).concat(OF_TARGETS));
  const wrong = series.flatMap(({ name, labels: asked }) => {
    const has = known.get(name);
    if (OWN.includes(name)) return asked.filter((label) => !OF_TARGETS.includes(label));
    if (has === undefined) return [`nobody shows ${name}`];
    return asked
      .filter((label) => !has.has(label) && !OF_TARGETS.includes(label))
      .map((label) => `${name} has no ${label}`);
  });
  const by = grouped.filter((label) => !labels.has(label)).map((label) => `nothing in it has ${label}`);
  return [...wrong, ...by].map((what) => `${what}: ${expr}`);
}
