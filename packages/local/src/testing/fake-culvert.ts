// Stands for the `culvert` command in this package's tests: processes that start, tell that they are ready, and stop
// as roles do, without what roles are for. FAKE_* variables make one misbehave.
import { createServer } from 'node:http';

const [role = '', ...flags] = process.argv.slice(2);
const flag = (name: string): string | undefined => {
  const at = flags.lastIndexOf(name);
  return at < 0 ? undefined : flags[at + 1];
};
const id = flag('--id') ?? role;
const say = (event: string, msg: string): boolean =>
  process.stdout.write(`${JSON.stringify({ event, msg, node_id: id })}\n`);

if (process.env.FAKE_FAIL === id) {
  say('node.fatal', `${id} was told to fail`);
  process.exit(1);
}
if (process.env.FAKE_HANG !== id) {
  const server = createServer((request, response) => {
    const items = (process.env.FAKE_NODES ?? '').split(',').map((node) => ({ id: node, state: 'ready' }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/v1/nodes' ? { items, next: null } : {}));
  });
  server.listen(Number(flag('--admin-listen')?.split(':')[1] ?? 0), '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const url = `http://127.0.0.1:${address.port}`;
    say('node.ready', `ready, secret of ${process.env.CULVERT_SECRET?.length} letters`);
    process.send?.({ type: 'ready', boot: 'b', version: '0', addresses: { admin: url, ...own(url) } });
  });
} else {
  setInterval(() => undefined, 1_000);
}

function own(url: string): Record<string, string> {
  if (role === 'api') return { api: url };
  return role === 'deployer' ? {} : { proxy: url };
}

const stop = (why: string): void => {
  say('node.stopped', why);
  process.exit(0);
};
process.on('SIGTERM', () => process.env.FAKE_DEAF !== id && stop('SIGTERM'));
process.on('disconnect', () => stop('parent gone'));
