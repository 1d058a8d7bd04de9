import { Problem } from '@culvert/contracts';
import { type TSchema, Type } from 'typebox';

/** The answers of a route in its schema; each may also be a problem. */
export function answers<const A extends Record<number, TSchema>>(good: A) {
  return {
    ...good,
    default: { description: 'A problem.', content: { 'application/problem+json': { schema: Problem } } },
  };
}

export const NoContent = Type.Null({ description: 'Done.' });

export const ById = <T extends TSchema>(id: T) => Type.Object({ id });
