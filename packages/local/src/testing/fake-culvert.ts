// Stands for the `culvert` command in this package's tests: processes that start, tell that they are ready, and stop
// as roles do, without what roles are for. FAKE_* variables make one misbehave, and so do
// versions that end with -broken or -deaf.
import { createServer } from 'node:http';

const [role = '', ...flags] = process.argv.slice(2);
const flag = (name: string): string | undefined => {
  const at = flags.lastIndexOf(name);
  return at < 0 ? undefined : flags[at + 1];
};
const id = flag('--id') ?? role;
const say = (event: string, msg: string): boolean =>
  process.stdout.write(`${JSON.stringify({ event, msg, node_id: id })}\n`);

const version = process.env.CULVERT_VERSION ?? '0';
if (version.endsWith('-broken')) {
  say('node.fatal', `${id} was told to fail`);
  process.exit(3);
}
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
    process.send?.({ type: 'ready', boot: 'b', version, addresses: { admin: url, ...own(url) } });
  });
} else {
  setInterval(() => undefined, 1_000);
}

function own(url: string): Record<string, string> {
  if (role === 'api') return { api: url };
  const proxy = flag('--proxy-listen'); // which it would share with another
  return role === 'deployer' ? {} : { proxy: proxy === undefined ? url : `http://${proxy}` };
}

const stop = (why: string): void => {
  say('node.stopped', why);
  process.exit(0);
};
const deaf = process.env.FAKE_DEAF === id || version.endsWith('-deaf');
process.on('SIGTERM', () => (deaf ? say('node.deaf', 'SIGTERM') : stop('SIGTERM')));
process.on('disconnect', () => stop('parent gone'));
