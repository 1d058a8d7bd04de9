import { resolve } from 'node:path';
import type { DeploymentBody, DrainPolicy, RehearsalBody } from '@culvert/contracts';
import { type Command, Option } from 'commander';
import { optionValue } from '../option-value.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const MAX_NODES = 1_000;
/** A canary is to be watched for a while, and nobody said for how long. */
const CANARY_MS = 300_000;

/** Flags that say what is to be deployed, and how. */
export interface RequestFlags {
  readonly version?: string;
  readonly role?: DeploymentBody['role'];
  readonly pool?: string;
  readonly strategy?: DeploymentBody['strategy'];
  readonly policy?: DrainPolicy;
  readonly batch?: string;
  readonly surge?: string;
  readonly canaryPercent?: string;
  readonly canaryTenants?: string;
  readonly analyze?: string;
  readonly keepWarm?: string;
  readonly deadline?: string;
  readonly onDeadline?: DeploymentBody['onDeadline'];
  readonly hold?: boolean;
  readonly queue?: boolean;
  readonly inWindow?: boolean;
  readonly provider?: 'process' | 'exec' | 'kubernetes';
  readonly directory?: string;
}

/** The options of `deploy start`, and of a schedule that starts deployments, beside `--version`. */
export function withRequest(command: Command): Command {
  return command
    .addOption(new Option('--role <role>', 'of the nodes; worker').choices(['worker', 'gateway', 'api', 'deployer']))
    .option('--pool <pool>', 'of the nodes; default')
    .addOption(
      new Option('--strategy <strategy>', 'order and surplus of new nodes; rolling').choices([
        'rolling',
        'surge',
        'blue-green',
        'canary',
      ]),
    )
    .addOption(
      new Option('--policy <policy>', 'move sessions with their connections, or wait until those end; move').choices([
        'move',
        'wait',
      ]),
    )
    .option('--batch <n>', 'nodes drained at a time; 1')
    .option('--surge <n>', 'surge: nodes beyond the usual; the batch')
    .addOption(new Option('--canary-percent <n>', 'canary: share of new sessions').conflicts('canaryTenants'))
    .option('--canary-tenants <a,b>', 'canary: all new sessions of these tenants, and no others')
    .option('--analyze <duration>', 'how long new nodes are watched: after each batch (2s), or as the canary (5m)')
    .option('--keep-warm <duration>', 'blue-green: how long the old nodes stay as the way back; 1m')
    .option('--deadline <duration>', 'for the busy sessions of one node; 10m')
    .addOption(
      new Option('--on-deadline <what>', 'what becomes of those that are left then; pause').choices([
        'pause',
        'extend',
        'force',
        'abort',
      ]),
    )
    .option('--hold', 'plan it, then wait for `culvert deploy promote`')
    .option('--queue', 'if another one is under way, wait for its end instead of being refused')
    .option('--in-window', 'touch nodes only while a maintenance window is open')
    .addOption(
      new Option(
        '--provider <provider>',
        "who starts and ends nodes: process (the local cluster's), exec, kubernetes",
      ).choices(['process', 'exec', 'kubernetes']),
    )
    .option('--directory <dir>', 'a checkout of that version, for the provider');
}

/** Throws `config_invalid`, naming the flag; which of them go together is for the API to say. */
export async function bodyOf(flags: RequestFlags & { readonly version: string }): Promise<DeploymentBody> {
  const { duration, integer, stringList } = await import('@culvert/service');
  const count = (flag: string, given: string | undefined): number | undefined =>
    optionValue(flag, given, integer(1, MAX_NODES));
  const ms = (flag: string, given: string | undefined, least = 0): number | undefined =>
    optionValue(flag, given, duration(least, WEEK_MS));
  const { version, role, pool, strategy, policy, onDeadline, hold, queue, inWindow, provider, directory } = flags;
  const analyzeMs = ms('--analyze', flags.analyze);
  const canary = {
    percent: optionValue('--canary-percent', flags.canaryPercent, integer(1, 100)),
    tenants: optionValue('--canary-tenants', flags.canaryTenants, stringList)?.slice(),
  };
  const isCanary = strategy === 'canary' || canary.percent !== undefined || canary.tenants !== undefined;
  return known({
    ...{ version, role, pool, strategy, policy, onDeadline, hold, queue, inWindow },
    batch: count('--batch', flags.batch),
    surge: count('--surge', flags.surge),
    canary: isCanary ? known({ ...canary, analyzeMs: analyzeMs ?? CANARY_MS }) : undefined,
    analyzeMs: isCanary ? undefined : analyzeMs,
    keepWarmMs: ms('--keep-warm', flags.keepWarm),
    deadlineMs: ms('--deadline', flags.deadline, 1_000),
    provider:
      provider === undefined && directory === undefined
        ? undefined
        : // Whoever starts the node stands in another directory than this command.
          known({ kind: provider ?? 'process', directory: directory === undefined ? undefined : resolve(directory) }),
  });
}

export interface RehearsalFlags {
  readonly node?: string;
  readonly pool?: string;
  readonly deadline?: string;
}

export async function rehearsalOf({ node, pool, deadline }: RehearsalFlags): Promise<RehearsalBody> {
  const { duration } = await import('@culvert/service');
  return known({ node, pool, deadlineMs: optionValue('--deadline', deadline, duration(1_000, WEEK_MS)) });
}

type Known<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without what was not given: the API has its own defaults. */
function known<T extends object>(value: T): Known<T> {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as Known<T>;
}
