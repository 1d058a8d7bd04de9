import { hostname } from 'node:os';
import { join } from 'node:path';
import { NodePresence, observeRegistry, Registry, registryMeter } from '@culvert/registry';
import {
  addRetireRoute,
  type CommonConfig,
  countSli,
  duration,
  NodeClient,
  nullable,
  Retirement,
  type Role,
  type RoleContext,
  rootAdminKey,
  text,
  vitalsOf,
  WorkerClient,
} from '@culvert/service';
import * as core from './core/index.ts';
import { meteredEngine } from './deploy-metrics.ts';
import { Engine } from './engine/engine.ts';
import { sessionMover } from './engine/move-session.ts';
import type { OnStage, Providers } from './engine/world.ts';
import { Housekeeper } from './housekeeper.ts';
import { keepPods, sweepOnce } from './housekeeping.ts';
import { type JobTelemetry, jobTelemetryOf } from './jobs/job-telemetry.ts';
import { probeMetrics } from './probes/probe-metrics.ts';
import { Probes } from './probes/probes.ts';
import {
  ExecProvider,
  type KubernetesConfig,
  type KubernetesProvider,
  kubernetesOptions,
  kubernetesProviderOf,
  ProcessProvider,
} from './providers/index.ts';
import { receiptMaker } from './receipt/receipt.ts';
import { DocumentKeeper } from './schedule/document-keeper.ts';
import { Schedules } from './schedule/schedules.ts';
import { windowLookUp } from './schedule/windows.ts';
import { Verifier } from './verify/verifier.ts';

export interface DeployerConfig extends KubernetesConfig {
  /** Between two sweeps of the registry, in ms. */
  readonly sweepEveryMs: number;
  /** Path of the socket of a local cluster's supervisor; null: there is no provider `process`. */
  readonly supervisor: string | null;
  /** File that names the operator's commands; null: there is no provider `exec`. */
  readonly execConfig: string | null;
  readonly stateDir: string;
  /** Between two rounds of probes, in ms; 0: there are none. */
  readonly probeEveryMs: number;
}

export interface DeployerHooks {
  /** For system tests, which end the process at a stage of a tick. */
  readonly onStage?: OnStage;
}

/** The deploy worker: moves deployments on, and does the cluster's background jobs. */
export const deployerRole: Role<DeployerConfig> = deployerRoleWith({});

export function deployerRoleWith(hooks: DeployerHooks): Role<DeployerConfig> {
  return {
    name: 'deployer',
    options: {
      probeEveryMs: {
        flag: '--probe-every',
        env: 'CULVERT_PROBE_EVERY',
        parser: duration(0, 3_600_000),
        default: 10_000,
        doc: "how often the cluster is used as customers would, through every gateway and worker; 0s: it isn't",
      },
      sweepEveryMs: {
        flag: '--sweep-every',
        env: 'CULVERT_SWEEP_EVERY',
        parser: duration(1_000, 3_600_000),
        default: 30_000,
        doc: 'how often what dead nodes left behind is removed',
      },
      supervisor: {
        flag: '--supervisor',
        env: 'CULVERT_SUPERVISOR',
        parser: nullable(text),
        default: null,
        doc: "socket of a local cluster's supervisor, which starts and ends its nodes (provider process)",
      },
      execConfig: {
        flag: '--exec-config',
        env: 'CULVERT_EXEC_CONFIG',
        parser: nullable(text),
        default: null,
        doc: 'JSON file with the commands that start, list and end nodes (provider exec)',
      },
      ...kubernetesOptions,
      stateDir: {
        flag: '--state-dir',
        env: 'CULVERT_STATE_DIR',
        parser: text,
        default: join('.culvert', 'deployer'),
        doc: 'directory of the deployment under way, put back when Redis comes back without it',
      },
    },
    start: (config, context) => start(config, context, hooks),
  };
}

async function start(config: DeployerConfig & CommonConfig, context: RoleContext, hooks: DeployerHooks) {
  const { scope, logger, health, stopping, admin, telemetry } = context;
  const { redis, redisPrefix: prefix } = config;
  const observer = registryMeter(telemetry.meter);
  const registry = scope.own('registry', Registry.connect({ url: redis, prefix, logger, observer }));
  health.check('redis', () => registry.unavailableReason);
  const jobTelemetry = await jobTelemetryOf(telemetry);
  const work = { redis, prefix, telemetry: jobTelemetry, logger };
  const kubernetes = kubernetesProviderOf(config);
  const housekeeper = scope.own(
    'housekeeper',
    new Housekeeper({
      ...{ ...work, everyMs: config.sweepEveryMs },
      work: async () => {
        await sweepOnce({ registry, logger });
        if (kubernetes !== null) await keepPods({ provider: kubernetes, logger });
      },
    }),
  );
  const keeper = new DocumentKeeper({ registry, dir: config.stateDir, logger });
  const schedules = scope.own('schedules', new Schedules({ ...work, registry, keeper }));
  const engine = await createEngine(config, context, { registry, jobTelemetry, kubernetes, onStage: hooks.onStage });
  const probes = createProbes(config, context, { registry, jobTelemetry });
  const jobs = [housekeeper, schedules, engine, ...probes];
  const retirement = scope.own(
    'retirement',
    new Retirement({
      // What is at hand is short; the lease, and what lasts, are the others'.
      work: async () => void (await Promise.all(jobs.map((one) => one.close()))),
      changed: () => presence?.beatSoon(),
      failed: (error) => context.fatal('the retirement', error),
      logger,
    }),
  );
  addRetireRoute(context, retirement);
  const presence: NodePresence | undefined = createPresence(context, {
    registry,
    admin: await admin.listen(),
    state: () =>
      retirement.state === 'empty' ? 'empty' : stopping.aborted || retirement.state !== 'off' ? 'draining' : 'ready',
  });
  scope.own('presence', presence).start();
  observeRegistry(telemetry.meter, registry, presence);
  stopping.addEventListener('abort', () => presence.beatSoon(), { once: true });
  // Its lease is let go while others still see that it is on its way out.
  scope.own('engine', engine);
  for (const one of jobs) {
    one.run().catch((error: unknown) => {
      if (!stopping.aborted) context.fatal('the job queue', error);
    });
  }
  return { addresses: {} };
}

/** None when they are turned off. They end before the engine does: nothing of theirs is to be left in the cluster. */
function createProbes(
  config: DeployerConfig & CommonConfig,
  context: RoleContext,
  { registry, jobTelemetry }: Pick<EngineParts, 'registry' | 'jobTelemetry'>,
): Probes[] {
  const { redis, redisPrefix: prefix, probeEveryMs: everyMs } = config;
  const { scope, secret, id, boot, logger, telemetry } = context;
  if (everyMs === 0) return [];
  const recorder = countSli(context, registry.sli);
  const metrics = probeMetrics(telemetry.meter);
  const about = { registry, secret, holder: `${id}#${boot}`, everyMs, recorder, metrics, logger };
  return [scope.own('probes', new Probes({ ...about, redis, prefix, telemetry: jobTelemetry }))];
}

interface EngineParts {
  readonly registry: Registry;
  readonly jobTelemetry: JobTelemetry | undefined;
  readonly kubernetes: KubernetesProvider | null;
  readonly onStage: OnStage | undefined;
}

async function createEngine(
  config: DeployerConfig & CommonConfig,
  context: RoleContext,
  { registry, jobTelemetry, kubernetes, onStage }: EngineParts,
): Promise<Engine> {
  const { scope, logger, secret, id, boot, telemetry } = context;
  const providers: Providers = {
    ...(config.supervisor === null ? {} : { process: new ProcessProvider({ supervisor: config.supervisor, secret }) }),
    ...(config.execConfig === null ? {} : { exec: await ExecProvider.load(config.execConfig) }),
    ...(kubernetes === null ? {} : { kubernetes }),
  };
  for (const [kind, provider] of Object.entries(providers)) {
    scope.defer(`provider ${kind}`, () => provider[Symbol.asyncDispose]());
  }
  const asks = { key: rootAdminKey(secret) };
  return new Engine({
    ...{ registry, redis: config.redis, prefix: config.redisPrefix, holder: `${id}#${boot}`, core, providers },
    client: new NodeClient(asks),
    verifier: scope.own('verifier', new Verifier({ registry, secret, logger })),
    moveSession: sessionMover(registry, new WorkerClient(asks)),
    makeReceipt: makeReceipt(context),
    lookAtWindow: windowLookUp(registry.deployments),
    ...{ stateDir: config.stateDir, onStage, watch: meteredEngine(telemetry.meter), telemetry, jobTelemetry, logger },
  });
}

/** While its receipt is made, a deployment is not over yet: it is signed as it will be. */
function makeReceipt({ secret }: RoleContext): ReturnType<typeof receiptMaker> {
  const make = receiptMaker(secret);
  return (state, touched, nowMs) => make(core.concluded(state), touched, nowMs);
}

interface PresenceParts {
  readonly registry: Registry;
  readonly admin: string;
  readonly state: () => 'ready' | 'draining' | 'empty';
}

function createPresence(context: RoleContext, { registry, admin, state }: PresenceParts): NodePresence {
  const { id, boot, version, logger, health } = context;
  const node = {
    ...{ id, boot, role: 'deployer' as const, version, pool: 'default', host: hostname(), pid: process.pid },
    ...{ capacity: 0, admissionRate: 0, admin },
  };
  const load = () => ({ state: state(), sessions: 0, connections: 0, ...vitalsOf(health) });
  const onReplaced = (error: Error): void => context.fatal('the node', error);
  return new NodePresence({ registry, node, load, logger, onReplaced });
}
