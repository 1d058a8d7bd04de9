export { TestApi } from './start-api.ts';
