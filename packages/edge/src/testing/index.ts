export { type RawAnswer, RawClient } from './raw-client.ts';
