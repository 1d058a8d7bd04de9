// What a Grafana dashboard is made of (its JSON model, schema 41), as far as ours need it.

/** Units as Grafana calls them. */
export type Unit = 'short' | 's' | 'bytes' | 'Bps' | 'percentunit' | 'cps' | 'ops' | 'none';

export interface Query {
  readonly expr: string;
  /** `{{role}}`: the value of a label. */
  readonly legend?: string;
}

export interface PanelSpec {
  readonly kind: 'timeseries' | 'stat' | 'bargauge' | 'table';
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns; default 12 (stat: 4). */
  readonly width?: number;
  readonly stack?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** From here on it is red; with `low`, below. */
  readonly limit?: number;
  readonly low?: boolean;
}

export interface BoardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
  /** Further variables, by name: label values of a series. */
  readonly variables?: Readonly<Record<string, { readonly label: string; readonly query: string }>>;
}

const COLUMNS = 24;
const HEIGHT = { timeseries: 8, stat: 4, bargauge: 8, table: 8 } as const;
const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

/** Deployments under way, and how they ended, on every picture. */
const ANNOTATIONS = [
  annotation(
    'Deployment',
    'blue',
    'max by (state) (culvert_deployment_active{state=~"running|rolling_back|paused"}) > 0',
    '{{state}}',
  ),
  annotation(
    'Deployment ended',
    'purple',
    'sum by (state, strategy) (increase(culvert_deployment_finished_total[1m])) > 0',
    '{{strategy}} {{state}}',
  ),
];

export function board({ uid, title, description, rows, variables = {} }: BoardSpec): object {
  return {
    id: null,
    uid,
    title,
    description,
    tags: ['culvert'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: ANNOTATIONS },
    links: [
      { type: 'dashboards', title: 'Culvert', tags: ['culvert'], asDropdown: true, includeVars: true, keepTime: true },
    ],
    templating: {
      list: [datasourceVariable(), ...Object.entries(variables).map(([name, one]) => variable(name, one))],
    },
    panels: layOut(rows),
  };
}

/** The queries of a board, with where they stand; for tests. */
export function queriesOf({ rows }: BoardSpec): { where: string; expr: string }[] {
  return rows
    .flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ where: title, expr }))),
    )
    .concat(ANNOTATIONS.map(({ name, expr }) => ({ where: name, expr })));
}

function layOut(rows: BoardSpec['rows']): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const spec of row.panels) {
      const w = spec.width ?? (spec.kind === 'stat' ? 4 : 12);
      if (x + w > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      const h = HEIGHT[spec.kind];
      panels.push({ id: panels.length + 1, gridPos: { h, w, x, y }, ...panel(spec) });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panel(spec: PanelSpec): object {
  const instant = spec.kind !== 'timeseries';
  return {
    type: spec.kind,
    title: spec.title,
    description: spec.description,
    datasource: DATASOURCE,
    targets: spec.queries.map(({ expr, legend = '__auto' }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      editorMode: 'code',
      expr,
      legendFormat: legend,
      ...(instant ? { instant: true, range: false } : { instant: false, range: true }),
      ...(spec.kind === 'table' ? { format: 'table' } : {}),
    })),
    fieldConfig: { defaults: defaultsOf(spec), overrides: [] },
    options: optionsOf(spec),
    ...(spec.kind === 'table'
      ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] }
      : {}),
  };
}

function defaultsOf({ unit, min = 0, max, limit, low = false, stack, kind }: PanelSpec): object {
  const [below, above] = low ? ['red', 'green'] : ['green', 'red'];
  const steps = [
    { color: limit === undefined ? 'green' : below, value: null },
    ...(limit === undefined ? [] : [{ color: above, value: limit }]),
  ];
  const lines = { drawStyle: 'line', lineWidth: 1, fillOpacity: stack ? 30 : 8, showPoints: 'never', spanNulls: false };
  return {
    unit,
    min,
    ...(max === undefined ? {} : { max }),
    color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps },
    ...(kind === 'timeseries'
      ? {
          custom: {
            ...lines,
            stacking: { mode: stack ? 'normal' : 'none' },
            thresholdsStyle: { mode: limit === undefined ? 'off' : 'line' },
          },
        }
      : {}),
  };
}

function optionsOf({ kind }: PanelSpec): object {
  if (kind === 'timeseries') {
    return {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  if (kind === 'table') return { showHeader: true };
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  if (kind === 'bargauge') return { orientation: 'horizontal', displayMode: 'basic', reduceOptions };
  return { colorMode: 'value', graphMode: 'none', textMode: 'auto', reduceOptions };
}

interface Annotation {
  readonly name: string;
  readonly enable: boolean;
  readonly iconColor: string;
  readonly datasource: object;
  readonly expr: string;
  readonly step: string;
  readonly titleFormat: string;
}

function annotation(name: string, iconColor: string, expr: string, titleFormat: string): Annotation {
  return { name, enable: true, iconColor, datasource: DATASOURCE, expr, step: '15s', titleFormat };
}

function datasourceVariable(): object {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, hide: 0 };
}

function variable(name: string, { label, query }: { label: string; query: string }): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}
