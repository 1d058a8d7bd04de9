import type { MaintenanceWindow, MaintenanceWindowList, WindowBody } from '@culvert/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { windowTable } from '../deploy/schedule-words.ts';
import { span } from '../deploy/time.ts';
import { optionValue } from '../option-value.ts';
import { ago, json } from '../output.ts';
import { openApi, type TargetFlags, withTarget } from '../target.ts';

const [LEAST_MS, MOST_MS] = [60_000, 7 * 24 * 3_600_000];

interface AddFlags extends TargetFlags {
  readonly cron: string;
  readonly timezone?: string;
  readonly for: string;
  readonly pool?: string;
}

/** `culvert deploy window add|ls|rm`. */
export function addWindows(deploy: Command, context: CommandContext): void {
  const { stdout } = context;
  const window = deploy.command('window').description('when deployments with --in-window may touch nodes');
  withTarget(window.command('add <id>').description('make a maintenance window, or change the one of this id'))
    .requiredOption('--cron <fields>', 'when it opens: minute hour day month weekday, such as "0 22 * * 0"')
    .requiredOption('--for <duration>', 'how long it is open, such as 2h')
    .option('--timezone <name>', 'such as Europe/Berlin; UTC')
    .option('--pool <pool>', 'for this pool only')
    .action((id: string, flags: AddFlags) => make(id, flags, context));
  withTarget(window.command('ls').description('list maintenance windows')).action(async (flags: TargetFlags) => {
    const answer = await (await openApi(flags)).call<MaintenanceWindowList>('GET', '/windows');
    stdout.write(flags.json ? json(answer) : windowTable(answer.items, Date.now()));
  });
  withTarget(window.command('rm <id>').description('delete a maintenance window')).action(
    async (id: string, flags: TargetFlags) => {
      await (await openApi(flags)).call('DELETE', `/windows/${encodeURIComponent(id)}`);
      stdout.write(flags.json ? json({ deleted: id }) : `deleted ${id}\n`);
    },
  );
}

async function make(id: string, flags: AddFlags, { stdout }: CommandContext): Promise<void> {
  const { duration } = await import('@culvert/service');
  const { cron, timezone, pool } = flags;
  const body: WindowBody = {
    cron,
    forMs: optionValue('--for', flags.for, duration(LEAST_MS, MOST_MS)) ?? LEAST_MS,
    ...(timezone === undefined ? {} : { timezone }),
    ...(pool === undefined ? {} : { pool }),
  };
  const api = await openApi(flags);
  const made = await api.call<MaintenanceWindow>('PUT', `/windows/${encodeURIComponent(id)}`, { body });
  const now = made.open ? `open, closes ${ago(made.closesAt)}` : `closed, opens ${ago(made.opensAt)}`;
  const whose = made.pool === null ? 'every pool' : `pool ${made.pool}`;
  const text = `${made.id}: ${made.cron} (${made.timezone}) for ${span(made.forMs)}, ${whose}; it is ${now}\n`;
  stdout.write(flags.json ? json(made) : text);
}
