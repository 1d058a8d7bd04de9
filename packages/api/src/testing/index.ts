export { Browser } from './browser.ts';
export { TestApi } from './start-api.ts';
