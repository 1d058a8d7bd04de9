import { type Static, Type } from 'typebox';
import { Nullable } from './fields.ts';
import { SloName } from './slo.ts';

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** How far back curves go: 60 steps of a minute, 96 of 15 minutes, 120 of 6 hours. */
export const SloSeriesWindow = Type.Union([Type.Literal('1h'), Type.Literal('24h'), Type.Literal('30d')]);
export type SloSeriesWindow = Static<typeof SloSeriesWindow>;

/** `GET /slo/series?window=1h|24h|30d[&tenant=]`. */
export const SloSeriesQuery = Type.Object({
  window: Type.Optional(SloSeriesWindow),
  tenant: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
});
export type SloSeriesQuery = Static<typeof SloSeriesQuery>;

const Attainment = Type.Array(Nullable(Type.Number({ minimum: 0, maximum: 1 })));
const Counts = Type.Array(Count);

/** What was counted of one source of traffic: columns of the length of `at`. */
export const SloCurves = Type.Object({
  attainment: Type.Record(SloName, Attainment, {
    description: 'Share that was good, by objective; null: nothing happened that could be good or bad.',
  }),
  opened: { ...Counts, description: 'Connections that were opened.' },
  failed: { ...Counts, description: 'Asked for and not opened, by Culvert’s fault.' },
  lost: { ...Counts, description: 'Connections that broke off by Culvert’s fault.' },
});
export type SloCurves = Static<typeof SloCurves>;

/** Availability and reliability step by step. */
export const SloSeries = Type.Object({
  window: SloSeriesWindow,
  tenant: Nullable(Type.String()),
  stepMs: Count,
  at: Type.Array(Count, {
    description: 'Where steps begin, ms since 1970, rising: multiples of stepMs. The last one is under way.',
  }),
  targets: Type.Record(SloName, Type.Number(), { description: 'The objectives: shares that have to be good.' }),
  real: SloCurves,
  synthetic: SloCurves,
});
export type SloSeries = Static<typeof SloSeries>;
