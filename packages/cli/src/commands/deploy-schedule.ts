import { CulvertError } from '@culvert/base';
import type { Schedule, ScheduleBody, ScheduleList } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { bodyOf, type RequestFlags, rehearsalOf, withRequest } from '../deploy/request.ts';
import { scheduleTable, whatOf } from '../deploy/schedule-words.ts';
import { json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

interface AddFlags extends TargetFlags, RequestFlags {
  readonly cron: string;
  readonly timezone?: string;
  readonly rehearse?: boolean;
  readonly node?: string;
}

/** `culvert deploy schedule add|ls|rm`. */
export function addSchedules(deploy: Command, context: CommandContext): void {
  const { stdout } = context;
  const schedule = deploy.command('schedule').description('deployments and rehearsals that begin by themselves');
  const add = schedule
    .command('add [id]')
    .description('make a schedule, or change the one of this id: a rehearsal, or a deployment with its flags')
    .requiredOption('--cron <fields>', 'minute hour day month weekday, such as "0 3 * * 1-5"')
    .option('--timezone <name>', 'such as Europe/Berlin; UTC')
    .option('--version <version>', 'a deployment of this version')
    .option('--rehearse', 'a rehearsal; goes with --node, --pool and --deadline')
    .option('--node <id>', 'with --rehearse: the worker; any unless given');
  withTarget(withRequest(add)).action((id: string | undefined, flags: AddFlags) => make(id, flags, context));
  withTarget(schedule.command('ls').description('list schedules, and what came of them')).action(
    async (flags: TargetFlags) => {
      const answer = await (await openApi(flags)).call<ScheduleList>('GET', '/schedules');
      stdout.write(flags.json ? json(answer) : scheduleTable(answer.items, Date.now()));
    },
  );
  withTarget(schedule.command('rm <id>').description('delete a schedule; what it has begun goes on')).action(
    async (id: string, flags: TargetFlags) => {
      await (await openApi(flags)).call('DELETE', `/schedules/${encodeURIComponent(id)}`);
      stdout.write(flags.json ? json({ deleted: id }) : `deleted ${id}\n`);
    },
  );
}

async function make(id: string | undefined, flags: AddFlags, { stdout }: CommandContext): Promise<void> {
  const { cron, timezone } = flags;
  const body: ScheduleBody = { cron, ...(timezone === undefined ? {} : { timezone }), ...(await taskOf(flags)) };
  const api = await openApi(flags);
  const made = await (id === undefined
    ? api.call<Schedule>('POST', '/schedules', { body })
    : api.call<Schedule>('PUT', `/schedules/${encodeURIComponent(id)}`, { body }));
  const text = `${made.id}: ${whatOf(made)}, at ${made.cron} (${made.timezone})\n`;
  stdout.write(flags.json ? json(made) : text);
}

async function taskOf(flags: AddFlags): Promise<Pick<ScheduleBody, 'rehearsal' | 'deployment'>> {
  const { version, rehearse, node } = flags;
  if (rehearse === true && version === undefined) return { rehearsal: await rehearsalOf(flags) };
  if (version !== undefined && rehearse !== true && node === undefined) {
    return { deployment: await bodyOf({ ...flags, version }) };
  }
  throw new CulvertError('config_invalid', 'a schedule needs either --rehearse (and --node, if need be) or --version');
}
