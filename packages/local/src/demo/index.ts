export { type DemoApp, startDemoApp } from './app.ts';
export { byteAt } from './endpoints.ts';
