import { type Static, Type } from 'typebox';
import { Nullable, Page, Timestamp } from './fields.ts';

/** Where the registry stands, as far as it can tell without looking at sessions (`GET /registry`). */
export const RegistryStatus = Type.Object({
  available: Type.Boolean({ description: 'Redis answers, and is fit to be used.' }),
  reason: Nullable(Type.String({ description: 'Why it is not available.' })),
  round: Nullable(Type.String({ description: 'Names the data set; another one after a loss or a failover.' })),
  recovering: Nullable(Type.Boolean({ description: 'Redis lost data, and not every worker has told it again.' })),
  since: Nullable(Timestamp),
  server: Nullable(Type.String({ description: 'The run id of the Redis that answers.' })),
  sessions: Nullable(Type.Integer({ description: 'Entries, those without an owner included.' })),
  nodes: Nullable(Type.Integer({ description: 'Nodes whose lease lives.' })),
});
export type RegistryStatus = Static<typeof RegistryStatus>;

/** `missing`, `two_owners`, …: a program may branch on it; new kinds may come. */
export const DifferenceKind = Type.Union([
  Type.Literal('missing'),
  Type.Literal('stale_owner'),
  Type.Literal('two_owners'),
  Type.Literal('wrong_epoch'),
  Type.Literal('wrong_tenant'),
  Type.Literal('wrong_state'),
  Type.Literal('wrong_count'),
  Type.Literal('vacant'),
  Type.Literal('index'),
  Type.Literal('unreachable'),
  Type.Literal('orphan_reservation'),
]);
export type DifferenceKind = Static<typeof DifferenceKind>;

/** One way in which the registry and its workers disagree, in words. */
export const RegistryDifference = Type.Object({
  kind: DifferenceKind,
  severity: Type.Union([Type.Literal('error'), Type.Literal('information')], {
    description: 'information: nothing is wrong, it goes away by itself',
  }),
  session: Nullable(Type.String()),
  workers: Type.Array(Type.String(), { description: 'Those that it is about.' }),
  directory: Type.String({ description: 'What the registry says.' }),
  truth: Type.String({ description: 'What the workers say.' }),
  advice: Type.String({ description: 'What it means, and what to do about it.' }),
});
export type RegistryDifference = Static<typeof RegistryDifference>;

export const RegistryDifferenceList = Type.Object({
  checked: Type.Object({
    sessions: Type.Integer({ description: 'Entries of the registry that were compared.' }),
    workers: Type.Integer({ description: 'Workers that told their sessions.' }),
    unsettled: Type.Integer({ description: 'Differences that were still changing when the time was up.' }),
  }),
  recovering: Type.Boolean({
    description: 'Redis lost data: workers that it does not know again yet were not asked.',
  }),
  total: Type.Integer({ description: 'Differences in all; the list ends at 1,000.' }),
  ...Page(RegistryDifference).properties,
});
export type RegistryDifferenceList = Static<typeof RegistryDifferenceList>;

export const RegistryDifferenceQuery = Type.Object({
  settleMs: Type.Optional(
    Type.String({
      pattern: '^(?:0|[1-9]\\d{0,3}|10000)$',
      description: 'How long a difference has to last to count, 0 to 10000 ms; 2000.',
    }),
  ),
});
export type RegistryDifferenceQuery = Static<typeof RegistryDifferenceQuery>;
