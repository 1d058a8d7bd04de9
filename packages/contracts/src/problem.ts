import { type Static, Type } from 'typebox';

/** Every error answer (RFC 9457, application/problem+json). `code` is stable and is what programs look at. */
export const Problem = Type.Object({
  type: Type.String({ description: 'A URN that ends with the code.' }),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'Stable; docs/ERRORS.md lists them all.' }),
  detail: Type.String(),
  instance: Type.String({ description: 'Path of the request.' }),
  fix: Type.Optional(Type.String({ description: 'What the caller can do about it.' })),
});
export type Problem = Static<typeof Problem>;
