import { CulvertError } from '@culvert/base';
import type { Directory } from '../directory.ts';
import { assertId } from '../keys.ts';
import { Fields } from '../redis/fields.ts';
import { toJson } from './json.ts';
import type { StoredCommand } from './types.ts';

/** Commands that wait for one deployment. */
const MAX_COMMANDS = 100;

/** Rejects with `limit_exceeded` while so many commands wait that nobody seems to take them in. */
export async function giveCommand(
  { scripts, keys }: Directory,
  id: string,
  command: StoredCommand,
): Promise<'ok' | 'absent' | 'over'> {
  assertId('a deployment id', id);
  const reply = await scripts.run(
    'deploy_command',
    [keys.deploy.record(id), keys.deploy.commands(id)],
    { id, command: command.id, max: MAX_COMMANDS },
    [toJson(command)],
  );
  const outcome = reply.oneOf('outcome', ['ok', 'absent', 'over', 'full']);
  if (outcome !== 'full') return outcome;
  throw new CulvertError('limit_exceeded', `${MAX_COMMANDS} commands wait for this deployment already`);
}

export async function readCommands({ connection, keys }: Directory, id: string): Promise<StoredCommand[]> {
  assertId('a deployment id', id);
  const texts = await connection.command('the commands', (redis) => redis.hvals(keys.deploy.commands(id)));
  return texts
    .map((text) => {
      const gap = text.indexOf(' ');
      return { number: Number(text.slice(0, gap)), command: toCommand(text.slice(gap + 1)) };
    })
    .sort((a, b) => a.number - b.number)
    .map(({ command }) => command);
}

function toCommand(text: string): StoredCommand {
  const fields = Fields.parse(text, 'command');
  return {
    id: fields.text('id'),
    verb: fields.text('verb'),
    node: fields.textOr('node', null),
    byMs: fields.integerOr('byMs', null),
    by: fields.text('by'),
    atMs: fields.integer('atMs'),
  };
}
