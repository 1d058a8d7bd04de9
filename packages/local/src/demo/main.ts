import { startDemoApp } from './app.ts';

// A child process of the local cluster: the private app behind the demo agent. It lives as long as its parent.
// Its one argument is the port; 0, or none: any free one.
const app = await startDemoApp({ port: Number(process.argv[2] ?? 0) });
process.send?.({ type: 'ready', port: app.port });

const stop = (): void => {
  void app.close().then(() => {
    if (process.connected) process.disconnect?.();
  });
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);
