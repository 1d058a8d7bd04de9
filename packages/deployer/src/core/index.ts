export { begin } from './begin.ts';
export { concluded } from './ending.ts';
export { needs } from './needs.ts';
export { next } from './next.ts';
export type * from './types.ts';
export { toView } from './view.ts';
