import { type Static, Type } from 'typebox';
import { ChosenId, MadeId, Nullable } from './fields.ts';

export const MoveSessionBody = Type.Object({
  to: Type.Optional(Nullable(ChosenId)),
});
export type MoveSessionBody = Static<typeof MoveSessionBody>;

/** A move that was begun: the session is served where it is until it has gone. */
export const SessionMove = Type.Object({
  session: MadeId,
  node: Type.String({ description: 'The worker that it leaves.' }),
  epoch: Type.Integer({ description: 'Of that ownership: once the session has a higher one elsewhere, it has moved.' }),
  to: Nullable(Type.String({ description: 'The worker that its agent was told to go to; null: it is given one.' })),
});
export type SessionMove = Static<typeof SessionMove>;
