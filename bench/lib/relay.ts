// One hop of the baseline: a plain Node.js TCP relay to the port given. Prints its own port.
import { connect, createServer } from 'node:net';

const to = Number(process.argv[2]);
const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  near.pipe(far);
  far.pipe(near);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit(0));
