import { type Static, Type } from 'typebox';
import { ChosenId } from './fields.ts';

/** Sessions that one worker sends to another. */
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Sessions.' });

/** `POST /moves` on a worker. */
export const ShedBody = Type.Object({
  moves: Type.Array(Type.Object({ to: ChosenId, count: Count }), { minItems: 1, maxItems: 1_000 }),
});
export type ShedBody = Static<typeof ShedBody>;

export const Shedding = Type.Object({
  asked: Type.Integer({ description: 'Agents that were told to go; fewer than wanted if others were already.' }),
  lastMs: Type.Integer({ description: 'From now until the last of them goes.' }),
});
export type Shedding = Static<typeof Shedding>;

export const RebalanceBody = Type.Object({
  dryRun: Type.Optional(Type.Boolean({ description: 'Only say what would be moved.' })),
});
export type RebalanceBody = Static<typeof RebalanceBody>;

export const Rebalance = Type.Object({
  pool: Type.String(),
  dryRun: Type.Boolean(),
  moves: Type.Array(Type.Object({ from: Type.String(), to: Type.String(), count: Type.Integer() })),
  asked: Type.Integer({ description: 'Agents that were told to go; each is served where it is until it has gone.' }),
  lastMs: Type.Integer({ description: 'From now until the last of them goes: workers are sent so many per second.' }),
  failed: Type.Array(Type.Object({ node: Type.String(), code: Type.String(), detail: Type.String() }), {
    description: 'Workers that could not be asked to send sessions away.',
  }),
});
export type Rebalance = Static<typeof Rebalance>;
