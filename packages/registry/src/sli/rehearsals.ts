import { CulvertError } from '@culvert/base';
import { parseJson, toJson } from '../deployments/json.ts';
import type { Directory } from '../directory.ts';

const MAX_REHEARSALS = 200;
const MAX_CHARS = 4_096;

export async function addRehearsal({ scripts, keys }: Directory, rehearsal: unknown): Promise<void> {
  const body = toJson(rehearsal);
  if (body.length > MAX_CHARS) throw new CulvertError('invalid_request', 'the record of a rehearsal is too large');
  const reply = await scripts.run('sli_rehearsal', [keys.sli.rehearsals], { body, max: MAX_REHEARSALS });
  reply.oneOf('outcome', ['ok']);
}

export async function readRehearsals({ connection, keys }: Directory): Promise<unknown[]> {
  const what = 'rehearsals of failures';
  const entries = await connection.command(what, (redis) =>
    redis.xrevrange(keys.sli.rehearsals, '+', '-', 'COUNT', MAX_REHEARSALS),
  );
  return entries.map(([, fields]) => parseJson(fields[1] ?? '', what));
}
