import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'node:test';
import { CulvertError } from '@culvert/base';
import type { Fault } from '../testing/kube/api-server.ts';
import { type KubeObject, StatusError } from '../testing/kube/objects.ts';
import {
  backdate,
  end,
  eventually,
  eventuallyAsync,
  isCreate,
  isEviction,
  isReady,
  ledgerOf,
  order,
  reaches,
  refused,
  refusedList,
} from '../testing/kube/orders.ts';
import { providerRules } from '../testing/kube/rbac.ts';
import { KubeWorld, type KubeWorldOptions, NAMESPACE, TEMPLATES, workerTemplate } from '../testing/kube/world.ts';

describe('kubernetes provider', () => {
  const worlds: KubeWorld[] = [];
  before(() => import('@kubernetes/client-node')); // takes a second, which no call here is to be charged with
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]();
  });
  const open = async (options: KubeWorldOptions = {}): Promise<KubeWorld> => {
    const world = await KubeWorld.open(options);
    worlds.push(world);
    return world;
  };
  const requestsOf = (world: KubeWorld, verb: string, resource = 'pods'): number =>
    world.server.requests.filter((request) => request.verb === verb && request.resource === resource).length;

  it('finishes what another deploy worker began, and makes one pod of what two order at once', async () => {
    const world = await open();
    const cut: Fault = { about: isCreate, times: 100, answer: 'cut' };
    world.server.inject(cut);
    const dying = new AbortController();
    const outcome = refused(world.provider().launch(order('w-1'), dying.signal), 'shutting_down', /./);
    await eventually(() => requestsOf(world, 'create') > 1, 'the pod is not being made');
    dying.abort(new CulvertError('shutting_down'));
    await outcome;
    assert.equal(world.pod('w-1'), undefined);
    assert.equal(ledgerOf(world, 'w-1').uid, null);
    cut.times = 0;
    const providers = [world.provider(), world.provider()];
    await Promise.all([...providers, ...providers].map((provider) => provider.launch(order('w-1'))));
    assert.equal(ledgerOf(world, 'w-1').uid, world.pod('w-1')?.metadata.uid);
  });

  it('takes for its own the pod that was made though the answer was lost', async () => {
    const world = await open();
    const provider = world.provider();
    world.server.inject({ about: isCreate, times: 1, answer: 'cut-after' });
    await provider.launch(order('w-1'));
    assert.equal(requestsOf(world, 'create'), 2);
    assert.equal(ledgerOf(world, 'w-1').uid, world.pod('w-1')?.metadata.uid);
  });

  it('ends again what a deploy worker of an older fence makes too late', async () => {
    const world = await open();
    const [late, newer] = [world.provider(), world.provider()];
    world.server.inject({ about: isCreate, times: 1, delayMs: 400 });
    const launching = late.launch(order('w-1', { fence: 10 }));
    const outcome = refused(launching, 'fenced', /told to end while it was launched/);
    await eventually(() => world.server.requests.some(isCreate), 'the pod is not being made');
    await newer.terminate(end('w-1', 11));
    await outcome;
    await eventually(() => world.pod('w-1') === undefined, 'the pod of the late order is there');
    await refused(late.launch(order('w-2', { fence: 10 })), 'fenced', /fence 10 comes after one of 11/);
    assert.equal(world.pod('w-2'), undefined);
  });

  it('does not end a pod that a newer order has put in the place of the one that it saw', async () => {
    const world = await open();
    const [late, newer] = [world.provider(), world.provider()];
    await newer.launch(order('w-1'));
    const first = world.pod('w-1')?.metadata.uid;
    world.server.inject({ about: isEviction, times: 1, delayMs: 2_000 });
    const ending = late.terminate(end('w-1', 10));
    ending.catch(() => undefined); // looked at below
    await eventually(() => world.server.requests.some(isEviction), 'nothing is being evicted');
    await newer.terminate(end('w-1', 11));
    await reaches(newer, 'w-1', 'exited');
    await newer.launch(order('w-1', { fence: 11 }));
    await refused(ending, 'fenced', /fence 10 comes after one of 11/);
    assert.notEqual(world.pod('w-1')?.metadata.uid, first);
    assert.equal(world.pod('w-1')?.metadata.deletionTimestamp, undefined);
  });

  it('waits for a disruption budget, says that it does, and goes on once it allows it', async () => {
    const world = await open();
    const provider = world.provider();
    await provider.launch(order('w-1'));
    await eventually(() => isReady(world.pod('w-1')), 'the pod is not ready');
    const labels = { matchLabels: { 'culvert.dev/role': 'worker' } };
    const spec = { minAvailable: 1, selector: labels };
    const budget = { metadata: { name: 'workers' }, spec } as unknown as KubeObject;
    world.server.store.create('PodDisruptionBudget', NAMESPACE, budget);
    await refused(
      world.provider({ callMs: 2_500 }).terminate(end('w-1')),
      'provider_failed',
      /the eviction of w-1: .*disruption budget workers needs 1 healthy pods and has 1/,
    );
    assert.ok(requestsOf(world, 'create', 'pods/eviction') > 1);
    assert.equal(world.pod('w-1')?.metadata.deletionTimestamp, undefined);
    await provider.launch(order('w-2'));
    await eventually(() => isReady(world.pod('w-2')), 'the pod is not ready');
    await provider.terminate(end('w-1'));
    await reaches(provider, 'w-1', 'exited');
  });

  it('reads again what has changed between its look and its eviction', async () => {
    const world = await open();
    const provider = world.provider();
    await provider.launch(order('w-1'));
    world.server.inject({ about: isEviction, times: 1, answer: new StatusError(409, 'Conflict', 'it has changed') });
    await provider.terminate(end('w-1'));
    assert.equal(requestsOf(world, 'create', 'pods/eviction'), 2);
    await reaches(provider, 'w-1', 'exited');
  });

  it('goes on with a watch that broke where it was, and lists anew when the server has forgotten that', async () => {
    const world = await open();
    const provider = world.provider();
    await provider.launch(order('w-1'));
    await reaches(provider, 'w-1', 'running');
    await eventually(() => world.server.watches === 1, 'nobody watches');
    world.server.cutWatches();
    await provider.launch(order('w-2'));
    await reaches(provider, 'w-2', 'running');
    assert.equal(requestsOf(world, 'list'), 1);
    await eventually(() => world.server.watches === 1, 'nobody watches');
    assert.equal(requestsOf(world, 'watch'), 2);

    world.server.inject({
      about: ({ verb }) => verb === 'watch',
      times: 1,
      answer: new StatusError(410, 'Expired', 'too old'),
    });
    world.server.cutWatches();
    await provider.launch(order('w-3'));
    await reaches(provider, 'w-3', 'running');
    assert.equal(requestsOf(world, 'list'), 2);

    await eventually(() => world.server.watches === 1, 'nobody watches');
    backdate(world, 'w-1');
    const seen = requestsOf(world, 'watch');
    world.server.inject({ about: ({ verb }) => verb === 'watch', times: 1, delayMs: 300 });
    world.server.cutWatches();
    await eventually(() => requestsOf(world, 'watch') > seen, 'nobody watches');
    world.kubelet.lose('w-1');
    world.server.store.forget(); // while the watch is being opened: it is answered with an ERROR event
    assert.match((await reaches(provider, 'w-1', 'exited')).exit ?? '', /nobody here ordered that/);
    assert.equal(requestsOf(world, 'list'), 3);
  });

  it('tells nothing of pods that it cannot see, but why it cannot', async () => {
    const rules = providerRules(TEMPLATES).map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== 'list'),
    }));
    const world = await open({ rules });
    await refusedList(
      world.provider(),
      /the pods can't be listed: pods is forbidden: User ".*culvert-deployer" cannot list/,
    );
    await refusedList(
      world.provider({ kubeconfig: '/nowhere/config' }),
      /the kubeconfig \/nowhere\/config can't be read/,
    );
    const blind = world.provider({ templates: 'other' });
    await refusedList(blind, /configmaps "other-ledger" is forbidden: User ".*culvert-deployer" cannot get/);
  });

  it('is patient with an API server that fails for a while', async () => {
    const world = await open();
    const provider = world.provider();
    const down = new StatusError(503, 'ServiceUnavailable', 'etcd is electing', { headers: { 'retry-after': '1' } });
    world.server.inject({ about: isCreate, times: 2, answer: down });
    const startedMs = performance.now();
    await provider.launch(order('w-1'));
    assert.ok(performance.now() - startedMs >= 2_000); // as it was asked to
    await reaches(provider, 'w-1', 'running');
  });

  it('tells early, and why, that an image is not there, or that a node crashes again and again', async () => {
    const always = workerTemplate({ restartPolicy: 'Always' });
    const world = await open({ templates: { 'worker.default.json': always } });
    const provider = world.provider();
    await provider.launch(order('w-1', { version: '2.0.0-absent' }));
    const { exit } = await reaches(provider, 'w-1', 'exited');
    assert.match(exit ?? '', /ImagePullBackOff; Back-off pulling image "registry\.example\/culvert:2\.0\.0-absent"/);
    await provider.launch(order('w-2', { version: '2.0.0-broken' }));
    await eventuallyAsync(async () => {
      const node = (await provider.list()).find(({ id }) => id === 'w-2');
      return /^CrashLoopBackOff; exit code 3; started again \d+ times/.test(node?.exit ?? '');
    }, 'the crash loop is not told');
    await provider.terminate(end('w-1'));
    await reaches(provider, 'w-1', 'exited');
  });

  it('leaves alone what has a controller, and what it has not made', async () => {
    const world = await open();
    const provider = world.provider();
    const labels = {
      'culvert.dev/role': 'worker',
      'culvert.dev/pool': 'default',
      'app.kubernetes.io/instance': 'culvert',
    };
    const image = { containers: [{ name: 'culvert', image: 'registry.example/culvert:1.0.0' }] };
    const ownerReferences = [{ kind: 'StatefulSet', name: 'culvert-worker', uid: 'u', controller: true }];
    const make = (name: string, metadata: object): void => {
      world.server.store.create('Pod', NAMESPACE, {
        metadata: { name, labels, ...metadata },
        spec: image,
      } as unknown as KubeObject);
    };
    make('culvert-worker-0', { ownerReferences });
    make('bare', {});
    const words = /belongs to the StatefulSet culvert-worker, which would start it again: kubectl delete statefulset/;
    await refused(provider.launch(order('w-1', { replaces: 'culvert-worker-0' })), 'provider_failed', words);
    await refused(provider.terminate(end('culvert-worker-0')), 'provider_failed', words);
    await refused(provider.launch(order('culvert-worker-0')), 'provider_failed', /there already, and belongs to/);
    const listed = await provider.list();
    assert.deepEqual(listed.map(({ id, version }) => [id, version]).toSorted(), [
      ['bare', '1.0.0'],
      ['culvert-worker-0', '1.0.0'],
    ]);
    assert.equal(world.pod('culvert-worker-0')?.metadata.deletionTimestamp, undefined);
    await provider.launch(order('w-1', { replaces: 'bare' }));
    await provider.terminate(end('bare'));
    await reaches(provider, 'bare', 'exited');
  });

  it('starts the first nodes of a pool, and again those that their machine took, each once', async () => {
    const annotations = { 'culvert.dev/replicas': '2', 'culvert.dev/first-version': '1.0.0' };
    const first = workerTemplate({}, { generateName: 'culvert-worker-', annotations });
    const world = await open({ templates: { 'worker.default.json': first } });
    const [one, other] = [world.provider(), world.provider()];
    const kept = await Promise.all([one.keep(), other.keep()]);
    assert.deepEqual(kept.flatMap((each) => each.first).toSorted(), ['culvert-worker-0', 'culvert-worker-1']);
    const uid = world.pod('culvert-worker-0')?.metadata.uid;
    assert.equal(world.pod('culvert-worker-0')?.metadata.annotations?.['culvert.dev/replicas'], undefined);
    await one.terminate(end('culvert-worker-1'));
    await reaches(one, 'culvert-worker-1', 'exited');
    backdate(world, 'culvert-worker-0');
    world.kubelet.lose('culvert-worker-0');
    assert.deepEqual(await other.keep(), { first: [], again: ['culvert-worker-0'] });
    await reaches(one, 'culvert-worker-0', 'running');
    assert.notEqual(world.pod('culvert-worker-0')?.metadata.uid, uid);
    assert.deepEqual(await one.keep(), { first: [], again: [] });
    assert.equal(world.pod('culvert-worker-1'), undefined);
  });

  it('starts again what its machine evicted, which stays as a failed pod', async () => {
    const world = await open({ templates: { 'worker.default.json': workerTemplate({ restartPolicy: 'Always' }) } });
    const provider = world.provider();
    await provider.launch(order('w-1'));
    await reaches(provider, 'w-1', 'running');
    backdate(world, 'w-1');
    world.kubelet.evict('w-1', 'The node was low on resource: memory.');
    assert.match((await reaches(provider, 'w-1', 'exited')).exit ?? '', /Evicted: The node was low on resource/);
    assert.deepEqual(await provider.keep(), { first: [], again: [] });
    assert.deepEqual(await provider.keep(), { first: [], again: ['w-1'] });
    await reaches(provider, 'w-1', 'running');
  });

  it('leaves nothing behind when the ledger is deleted, as an uninstallation does', async () => {
    const world = await open();
    await world.provider().launch(order('w-1'));
    world.server.store.remove({ kind: 'ConfigMap', namespace: NAMESPACE, name: `${TEMPLATES}-ledger` });
    assert.equal(world.pod('w-1'), undefined);
  });
});
