import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ApiClient, isAlive, type LocalCluster } from '@culvert/local';
import { Command } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { copyCheckout } from '../support/fresh-copy.ts';
import { getVia } from '../support/proxy-client.ts';

/** With the network: the dependencies too are those that `npm start` brings. */
const FRESH = process.env.CULVERT_TEST_FRESH === '1';
const INSTALL_DEADLINE_MS = 600_000;
const SMALL = ['--no-demo', '--workers', '1'] as const;

describe('npm start, in a fresh copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-start-'));
  const copy = join(folder, 'copy');
  /** Places where a program might leave something without being asked to. */
  const temp = join(folder, 'temp');
  const home = join(folder, 'home');
  let filesBefore: string[];

  before(() => {
    copyCheckout(copy, { dependencies: !FRESH });
    mkdirSync(temp);
    mkdirSync(home);
    filesBefore = files(copy);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const env = {
    TMPDIR: temp,
    npm_config_cache: join(folder, 'npm-cache'),
    npm_config_update_notifier: 'false',
    NODE_DISABLE_COMPILE_CACHE: '1', // npm's own, in TMPDIR, under a Node.js that has it
    ...(FRESH ? {} : { HOME: home }),
  };
  const npmStart = (...flags: string[]): Command =>
    new Command(['npm', 'start', ...(flags.length > 0 ? ['--', ...flags] : [])], { cwd: copy, env });
  const up = (...flags: string[]): Command =>
    new Command(['node', 'setup/run.mjs', 'culvert', 'up', ...flags], { cwd: copy, env });

  async function ready(command: Command, dataDir = '.culvert'): Promise<LocalCluster> {
    await command.saying(/Culvert is ready\./, FRESH ? INSTALL_DEADLINE_MS : undefined);
    return JSON.parse(readFileSync(join(copy, dataDir, 'local.json'), 'utf8'));
  }

  /** Nothing runs, nothing listens, and nothing lies about. */
  async function assertGone(cluster: LocalCluster, addresses: readonly string[], dataDir = '.culvert'): Promise<void> {
    await eventually('every process has ended', () => cluster.processes.every(({ pid }) => !isAlive(pid)));
    for (const address of addresses) assert.equal(await isOpen(address), false, `${address} is still open`);
    assert.equal(existsSync(join(copy, dataDir, 'local.json')), false);
    assert.deepEqual(files(copy), filesBefore);
    assert.deepEqual(readdirSync(temp), []);
    assert.deepEqual(readdirSync(home), []);
  }

  it('becomes ready; the curl line and the URLs that it prints answer; Ctrl-C leaves nothing', async () => {
    await using npm = npmStart();
    const cluster = await ready(npm);
    const [, curlLine = ''] = await npm.saying(/^ {2}(curl .+)$/m);
    await using curl = new Command(['sh', '-c', `${curlLine} --silent --show-error --write-out '%{http_code}'`], {
      cwd: folder,
    });
    assert.equal((await curl.ended()).code, 0, curl.output);
    assert.match(curl.output, /^<!doctype html>[\s\S]*200$/i);
    assert.ok(curlLine.includes(`${cluster.demo?.proxy} ${cluster.demo?.target}`), curlLine);

    assertContract(cluster);
    const [, dashboard] = await npm.saying(/Dashboard +(\S+)/);
    const [, documentation] = await npm.saying(/documentation: (\S+)/);
    assert.match(await (await fetch(String(dashboard))).text(), /<title>Culvert<\/title>/);
    assert.equal((await fetch(String(documentation))).status, 200);
    const nodes = await nodesOf(cluster);
    const roles = nodes.map(({ role }) => role).toSorted();
    assert.deepEqual(roles, ['api', 'deployer', 'gateway', 'worker', 'worker', 'worker']);
    for (const { id, admin } of nodes) {
      for (const path of ['/healthz', '/readyz', '/metrics']) {
        assert.equal((await fetch(admin + path)).status, 200, `${id}${path}`);
      }
    }

    npm.interruptGroup();
    assert.deepEqual(await npm.ended(), { code: 0, signal: null });
    await assertGone(cluster, addressesOf(cluster, nodes));
  });

  it('a SIGINT to npm alone leaves nothing either', async () => {
    await using npm = npmStart(...SMALL);
    const cluster = await ready(npm);
    assert.equal(cluster.demo, undefined);
    const addresses = addressesOf(cluster, await nodesOf(cluster));
    npm.kill('SIGINT');
    assert.deepEqual(await npm.ended(), { code: 0, signal: null });
    await assertGone(cluster, addresses);
  });

  it('two clusters run side by side; one data folder takes one; SIGKILL of `culvert up` ends its own only', async () => {
    const dirs = ['.culvert/one', '.culvert/two'] as const;
    await using first = up(...SMALL, '--data-dir', dirs[0]);
    await using second = up(...SMALL, '--data-dir', dirs[1]);
    const [one, two] = await Promise.all([ready(first, dirs[0]), ready(second, dirs[1])]);
    const pids = (cluster: LocalCluster): number[] => cluster.processes.map(({ pid }) => pid);
    assert.equal(new Set([...pids(one), ...pids(two)]).size, one.processes.length + two.processes.length);

    const holder = Number(readFileSync(join(copy, dirs[0], 'cluster.lock'), 'utf8').split(' ')[0]);
    await using third = up(...SMALL, '--data-dir', dirs[0]);
    assert.equal((await third.ended()).code, 1);
    assert.match(third.output, new RegExp(`one is in use by the cluster of process ${holder} \\(data_dir_in_use\\)`));
    assert.match(third.output, /^Fix: Stop that one .*, or choose another with --data-dir\.$/m);

    const addresses = addressesOf(one, await nodesOf(one));
    process.kill(holder, 'SIGKILL');
    await first.ended();
    await eventually('all of the first one has ended', () => pids(one).every((pid) => !isAlive(pid)));
    for (const address of addresses) assert.equal(await isOpen(address), false, `${address} is still open`);
    const nodes = await nodesOf(two);
    assert.ok(nodes.every(({ state }) => state === 'ready'));
    const [gateway] = two.gateways;
    assert.equal((await getVia(gateway?.proxy ?? '', 'http://app.internal/')).code, 'proxy_auth_required');

    second.kill('SIGTERM');
    assert.equal((await second.ended()).code, 0);
    await assertGone(two, addressesOf(two, nodes), dirs[1]);
  });
});

/** The fields that other programs rely on, each of its type, and those that have been added since. */
function assertContract(cluster: LocalCluster): void {
  const fields = ['api', 'dashboard', 'adminKey', 'redis', 'gateways', 'workers', 'processes', 'demo'];
  const added = ['redisPrefix', 'dataDir', 'apis'];
  assert.deepEqual(Object.keys(cluster).toSorted(), [...fields, ...added].toSorted());
  assert.deepEqual(cluster.processes.map(({ role }) => role).toSorted(), [
    'agent',
    'api',
    'demo',
    'deployer',
    'gateway',
    'redis',
    'worker',
    'worker',
    'worker',
  ]);
  assert.ok(cluster.processes.every(({ pid }) => isAlive(pid)));
  for (const { admin, pid, ...worker } of cluster.workers) {
    assert.deepEqual(Object.keys(worker).toSorted(), ['id', 'proxy', 'version']);
    assert.ok(URL.canParse(admin) && isAlive(pid));
  }
  for (const { admin, pid, ...gateway } of cluster.gateways) {
    assert.deepEqual(Object.keys(gateway).toSorted(), ['id', 'proxy']);
    assert.ok(URL.canParse(admin) && isAlive(pid));
  }
  assert.deepEqual(Object.keys(cluster.demo ?? {}).toSorted(), ['key', 'proxy', 'session', 'target', 'tenant']);
  assert.ok(new URL(cluster.demo?.proxy ?? '').password);
}

interface ListedNode {
  readonly id: string;
  readonly role: string;
  readonly state: string;
  readonly admin: string;
  readonly proxy: string | null;
  readonly link: string | null;
}

async function nodesOf({ api, adminKey }: LocalCluster): Promise<ListedNode[]> {
  return (await new ApiClient(api, adminKey).call<{ items: ListedNode[] }>('GET', '/nodes')).items;
}

function addressesOf({ api, redis }: LocalCluster, nodes: readonly ListedNode[]): string[] {
  const published = nodes.flatMap(({ admin, proxy, link }) => [admin, proxy, link]);
  return [api, redis, ...published.filter((address) => address !== null)];
}

function isOpen(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** What the set-up makes of the dashboard. */
const BUILT = 'packages/dashboard/dist';

/** Every file of the copy that is not where it may be: under .culvert/, among the dependencies, or built. */
function files(root: string): string[] {
  const skip = new Set(['.culvert', 'node_modules']);
  const top = readdirSync(root, { withFileTypes: true }).filter(({ name }) => !skip.has(name));
  return top.flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    const below = readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' });
    return below.map((name) => join(entry.name, name)).filter((path) => !path.startsWith(BUILT));
  });
}
