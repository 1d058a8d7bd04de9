import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { helm, helmMissing } from '../support/helm.ts';
import { type Manifest, matches, type Pods, podsOf, readManifests } from '../support/infra/manifests.ts';
import { mayTalk } from '../support/infra/network.ts';
import { readRole } from '../support/infra/role-arguments.ts';
import { typeErrors } from '../support/infra/typed.ts';

const root = resolve(import.meta.dirname, '..', '..');
const chart = join(root, 'infra/helm/culvert');
const VALUES = globSync('*.yaml', { cwd: join(import.meta.dirname, 'values') }).toSorted();
const SECRET = 'only for the test: 32 bytes, or more';

const render = async (...flags: string[]): Promise<Manifest[]> =>
  readManifests(await helm('template', 'shop', chart, '--namespace', 'tunnels', ...flags));

const only = (pods: readonly Pods[], component: string): Pods => {
  const found = pods.find(({ labels }) => labels['app.kubernetes.io/component'] === component);
  assert.ok(found, `there are pods of ${component}`);
  return found;
};

describe('the Helm chart', { skip: helmMissing() ?? false }, () => {
  const rendered = new Map<string, Manifest[]>();
  const made = (name: string): Manifest[] => rendered.get(`${name}.yaml`) ?? assert.fail(`no values ${name}`);

  before(async () => {
    for (const name of VALUES) rendered.set(name, await render('--values', join(import.meta.dirname, 'values', name)));
  });

  it('passes Helm’s own look at it', async () => {
    const words = await helm('lint', chart, '--strict', '--values', join(import.meta.dirname, 'values/one-redis.yaml'));
    assert.match(words, /0 chart\(s\) failed/);
  });

  it('makes what the API’s types allow: no field unknown, none missing', async () => {
    const all = [...rendered.values()].flat();
    assert.ok(all.length > 60);
    const templates = all.filter(({ metadata }) => metadata.name.endsWith('-node-templates')).flatMap(podsInside);
    assert.equal(templates.length, 2);
    assert.equal(await typeErrors([...all, ...templates]), '');
    const [deployment] = all.filter(({ kind }) => kind === 'Deployment');
    const unknown = { ...deployment, spec: { ...deployment?.spec, replica: 1 } } as Manifest;
    const incomplete = { ...deployment, spec: { ...deployment?.spec, selector: undefined } } as Manifest;
    const errors = await typeErrors([unknown, incomplete]);
    assert.match(errors, /'"replica"' does not exist in type 'IDeploymentSpec'/);
    assert.match(errors, /'"?selector"?' is missing/);
  });

  for (const name of VALUES) {
    describe(name, () => {
      it('starts every role with what it reads', () => {
        for (const { from, container } of podsOf(made(basename(name, '.yaml')))) {
          const config = readRole(container.args ?? [], variables(container));
          assert.deepEqual(config.adminListen, { host: '0.0.0.0', port: 9090 }, from);
        }
      });

      it('gives each time to stop in order, and may write where it says', () => {
        for (const { from, template, container } of podsOf(made(basename(name, '.yaml')))) {
          const { stopDeadlineMs, ...config } = readRole(container.args ?? [], variables(container));
          const preStop = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
          const grace = template.spec?.terminationGracePeriodSeconds ?? 0;
          assert.ok(grace * 1000 >= preStop * 1000 + stopDeadlineMs + 10_000, from);
          const mounts = (container.volumeMounts ?? []).filter(({ readOnly }) => !readOnly);
          const writes = [config.snapshotDir, config.stateDir].filter((path) => path !== undefined);
          for (const path of writes) {
            assert.ok(
              mounts.some(({ mountPath }) => String(path).startsWith(`${mountPath}/`)),
              `${from}: ${path}`,
            );
          }
        }
      });

      it('runs them with no right that they don’t need', () => {
        for (const { from, template, container } of podsOf(made(basename(name, '.yaml')))) {
          assert.deepEqual(container.securityContext, {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          assert.equal(template.spec?.securityContext?.runAsNonRoot, true, from);
          assert.equal(template.spec?.securityContext?.seccompProfile?.type, 'RuntimeDefault', from);
          const asks = from.endsWith('-deployer') && name === 'deployer-managed.yaml';
          assert.equal(template.spec?.automountServiceAccountToken, asks, from);
        }
      });

      it('selects what it means to', () => {
        const manifests = made(basename(name, '.yaml'));
        const pods = podsOf(manifests);
        for (const { from, selector, labels } of pods) {
          if (selector !== undefined) assert.ok(matches({ matchLabels: selector }, labels), from);
          assert.equal(
            pods.filter((other) => matches({ matchLabels: selector ?? labels }, other.labels)).length,
            1,
            from,
          );
        }
        for (const { kind, metadata, spec } of manifests) {
          if (kind === 'Service') {
            const chosen = pods.filter(({ labels }) => matches({ matchLabels: spec.selector }, labels));
            assert.ok(chosen.length > 0, metadata.name);
            for (const { container } of chosen) {
              const names = container.ports?.map((port) => port.name);
              for (const { targetPort } of spec.ports) assert.ok(names?.includes(targetPort), metadata.name);
            }
          }
        }
      });

      it('tells no secret but by a Secret', () => {
        const others = made(basename(name, '.yaml')).filter(({ kind }) => kind !== 'Secret');
        assert.doesNotMatch(JSON.stringify(others), /hidden/);
      });
    });
  }

  it('lets an eviction take one pod of each role and pool at a time', () => {
    for (const name of ['one-redis', 'pools', 'deployer-managed']) {
      const budgets = made(name).filter(({ kind }) => kind === 'PodDisruptionBudget');
      for (const { from, labels } of podsOf(made(name))) {
        const own = budgets.filter(({ spec }) => matches(spec.selector, labels));
        assert.equal(own.length, 1, `${name}: ${from} has ${own.length} budgets; with two no eviction is possible`);
        // Of bare pods only a least number is allowed.
        const bare = from.endsWith('.json');
        assert.equal(own[0]?.spec.maxUnavailable, bare ? undefined : 1);
        if (bare) assert.equal(own[0]?.spec.minAvailable, from === 'worker.default.json' ? 2 : 1);
      }
    }
  });

  it('lets through what the roles need of each other, and agents and browsers of them, and no more', () => {
    for (const name of ['one-redis', 'deployer-managed', 'sentinel', 'pools']) {
      const manifests = made(name);
      const pods = podsOf(manifests);
      const of = (component: string): Pods => only(pods, component);
      const may = (from: string, to: string, port: string): boolean =>
        mayTalk(manifests, from === 'outside' ? 'outside' : { pods: of(from) }, of(to), port);
      for (const role of ['api', 'deployer'])
        for (const other of ['api', 'gateway', 'worker', 'deployer']) assert.ok(may(role, other, 'admin'), name);
      for (const role of ['gateway', 'worker', 'deployer']) assert.ok(may(role, 'worker', 'link'), name);
      assert.ok(may('deployer', 'worker', 'proxy') && may('deployer', 'gateway', 'proxy'), name);
      assert.ok(
        may('outside', 'api', 'http') && may('outside', 'gateway', 'proxy') && may('outside', 'gateway', 'link'),
      );
      assert.ok(!may('outside', 'worker', 'admin'), name);
      assert.equal(may('outside', 'worker', 'link'), name === 'sentinel', name);
      assert.equal(may('outside', 'worker', 'proxy'), name === 'pools', name);
      assert.ok(!may('api', 'worker', 'link') || name === 'sentinel', name);
    }
  });

  it('puts a dedicated pool on its machines, and nobody else on them', () => {
    const pools = podsOf(made('pools')).filter(({ from }) => from.includes('worker'));
    const [acme] = pools.filter(({ labels }) => labels['culvert.dev/pool'] === 'acme');
    assert.deepEqual(acme?.template.spec?.nodeSelector, { 'culvert.dev/pool': 'acme' });
    assert.equal(acme?.template.spec?.tolerations?.[0]?.effect, 'NoSchedule');
    assert.equal(readRole(acme?.container.args ?? [], variables(acme?.container)).pool, 'acme');
    assert.deepEqual(
      pools.filter(({ template }) => template.spec?.tolerations).map(({ labels }) => labels['culvert.dev/pool']),
      ['acme'],
    );
  });

  it('gives the deploy worker the rights that its provider uses, in this namespace, and only where it owns pods', () => {
    const roles = made('deployer-managed').filter(({ kind }) => kind === 'Role');
    assert.deepEqual(
      roles[0]?.rules.map(({ resources, verbs, resourceNames }: Record<string, string[]>) =>
        [resources, verbs, resourceNames ?? '-'].join(': '),
      ),
      [
        'pods: get,list,watch,create: -',
        'pods/eviction: create: -',
        'pods/log: get: -',
        'configmaps: get: shop-culvert-node-templates,shop-culvert-node-templates-ledger',
        'configmaps: patch: shop-culvert-node-templates-ledger',
      ],
    );
    for (const [name, manifests] of rendered) {
      const kinds = manifests.map(({ kind }) => kind);
      assert.equal(kinds.includes('RoleBinding'), name === 'deployer-managed.yaml', name);
      assert.ok(!kinds.some((kind) => kind.startsWith('ClusterRole')), name);
    }
    const ledger = made('deployer-managed').find(({ metadata }) => metadata.name.endsWith('-ledger'));
    assert.ok(ledger && ledger.data === undefined, 'what the deploy worker writes there is no business of the chart');
  });

  it('says where a worker’s version, id and pool go into the deploy worker’s templates', () => {
    const [worker] = podsOf(made('deployer-managed')).filter(({ from }) => from === 'worker.acme.json');
    assert.equal(worker?.container.image, 'culvert:{version}');
    assert.equal(worker?.container.env?.find(({ name }) => name === 'CULVERT_NODE_ID')?.value, '{node}');
    const { metadata } = worker?.template ?? {};
    assert.equal(metadata?.generateName, 'shop-culvert-worker-acme-');
    assert.equal(metadata?.annotations?.['culvert.dev/replicas'], '2');
  });

  it('keeps a generated secret out of sight, and asks for what it cannot make up', async () => {
    const secrets = made('one-redis').filter(({ kind }) => kind === 'Secret');
    assert.deepEqual(
      secrets.map(({ metadata }) => metadata.name),
      ['shop-culvert-secret', 'shop-culvert-redis'],
    );
    const secret = Buffer.from(secrets[0]?.data?.secret ?? '', 'base64');
    assert.ok(secret.length >= 32);
    await assert.rejects(render(), /Say where Redis is/);
    await assert.rejects(render('--set', 'redis.url=redis://r', '--set', 'gatway.replicas=3'), /gatway/);
    await assert.rejects(render('--set', 'redis.url=redis://r', '--set', 'pools[0].name=Über'), /pools/);
  });

  it('brings along the same rules and boards as infra/', () => {
    const same = (from: string, to: string): void =>
      assert.equal(readFileSync(join(chart, 'files', to), 'utf8'), readFileSync(join(root, 'infra', from), 'utf8'), to);
    same('prometheus/rules.yaml', 'rules.yaml');
    const boards = globSync('*.json', { cwd: join(root, 'infra/grafana') });
    assert.ok(boards.length >= 4);
    for (const board of boards) same(`grafana/${board}`, `boards/${board}`);
    const kinds = made('monitoring').map(({ kind }) => kind);
    assert.ok(kinds.includes('PrometheusRule') && kinds.includes('PodMonitor'));
    assert.equal(made('monitoring').filter(({ metadata }) => metadata.name.includes('-board-')).length, boards.length);
  });
});

/** The environment as a pod would see it. */
function variables(container: Pods['container'] | undefined): Record<string, string> {
  const known: Readonly<Record<string, string>> = { 'metadata.name': 'a-pod-0', 'status.podIP': '10.1.2.3' };
  return Object.fromEntries(
    (container?.env ?? []).map(({ name, value, valueFrom }) => {
      if (value !== undefined) return [name, value.replace('{node}', 'a-node').replace('{version}', '1.0.0')];
      const field = known[valueFrom?.fieldRef?.fieldPath ?? ''];
      if (field !== undefined) return [name, field];
      assert.ok(valueFrom?.secretKeyRef, name);
      return [name, name === 'CULVERT_SECRET' ? SECRET : 'redis://redis'];
    }),
  );
}

/** Templates as pods, for the compiler. */
function podsInside({ data = {} }: Manifest): Manifest[] {
  return Object.values(data).map(
    (json) => ({ apiVersion: 'v1', kind: 'Pod', ...(JSON.parse(json) as object) }) as Manifest,
  );
}
