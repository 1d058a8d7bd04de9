import type { Session } from '@culvert/contracts';
import type { ApiClient, LocalCluster } from '@culvert/local';
import type { Command } from 'commander';
import { colors } from '../colors.ts';
import type { CommandContext } from '../command-context.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT, ExitWith } from '../failure.ts';
import { json, type Output } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

/** `culvert doctor`: looks at everything a cluster needs, and says what to do about what is wrong. */
export function addDoctor(program: Command, context: CommandContext): void {
  withTarget(
    program.command('doctor').description('check Redis, clocks, nodes and the whole path; exit code 1 if any fails'),
  )
    .option('--registry', 'instead, compare the registry with what every worker says of its sessions')
    .action((flags: DoctorFlags) => (flags.registry ? doctorOfRegistry(flags, context) : doctor(flags, context)));
}

interface DoctorFlags extends TargetFlags {
  readonly registry?: boolean;
}

async function doctorOfRegistry(flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const { checkRegistry, registryLines } = await import('../doctor/registry.ts');
  const report = await checkRegistry(await openApi(flags));
  if (flags.json) stdout.write(json(report));
  else for (const line of registryLines(report)) stdout.write(`${line}\n`);
  if (!report.ok) throw new ExitWith(EXIT.failed);
}

async function doctor(flags: TargetFlags, { stdout }: CommandContext): Promise<void> {
  const [{ findLocalJson }, { checkApi, checkNodes }, { checkPaths }, { checkRedis }] = await Promise.all([
    import('@culvert/local'),
    import('../doctor/nodes.ts'),
    import('../doctor/path.ts'),
    import('../doctor/redis.ts'),
  ]);
  const api = await openApi(flags);
  const found = findLocalJson(process.cwd())?.cluster;
  const local = found?.api === api.url ? found : undefined;
  const [redis, answer] = await Promise.all([checkRedis(process.env.CULVERT_REDIS_URL || local?.redis), checkApi(api)]);
  const { nodes = [] } = answer;
  const findings = [...redis, ...answer.findings];
  if (answer.nodes) {
    findings.push(...(await checkNodes(nodes)), ...(await checkPaths(nodes, local?.demo, await ownerOf(api, local))));
  }
  const failures = findings.filter(({ outcome }) => outcome === 'failed').length;
  if (flags.json) stdout.write(json({ ok: failures === 0, findings }));
  else print(findings, failures, stdout);
  if (failures > 0) throw new ExitWith(EXIT.failed);
}

/** Who owns the demo's session; null when nobody does, which the request through the gateway will show. */
async function ownerOf(api: ApiClient, local: LocalCluster | undefined): Promise<string | null> {
  if (!local?.demo) return null;
  const { status, body } = await api.request('GET', `/sessions/${local.demo.session}`);
  return status === 200 ? (body as Session).node : null; // a 200 of this call is that, by contract
}

const SIGNS = { ok: colors.green('✓'), failed: colors.red('✗'), skipped: colors.yellow('-') } as const;

function print(findings: readonly Finding[], failures: number, stdout: Output): void {
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { outcome, what, detail, fix } of findings) {
    stdout.write(`${SIGNS[outcome]} ${what.padEnd(width)}  ${detail}\n`);
    if (fix !== undefined) stdout.write(`  ${' '.repeat(width)}  ${colors.yellow('→')} ${fix}\n`);
  }
  const things = failures === 1 ? 'one check failed' : `${failures} checks failed`;
  stdout.write(failures === 0 ? '\nAll is well.\n' : `\n${things}.\n`);
}
