import type { Directory } from '../directory.ts';
import { Fields } from '../redis/fields.ts';
import type { Rollout } from './types.ts';

export async function setRollout(
  { scripts, keys }: Directory,
  rollout: Rollout | null,
  fence: number,
): Promise<'ok' | 'fenced'> {
  const reply = await scripts.run('deploy_rollout', [keys.deploy.rollout, keys.deploy.lease], {
    fence,
    ...(rollout === null ? {} : { body: JSON.stringify(rollout) }),
  });
  return reply.oneOf('outcome', ['ok', 'fenced']);
}

export async function readRollout({ connection, keys }: Directory): Promise<Rollout | null> {
  const text = await connection.command('the rollout', (redis) => redis.get(keys.deploy.rollout));
  if (text === null) return null;
  const fields = Fields.parse(text, 'rollout');
  return {
    deployment: fields.text('deployment'),
    pool: fields.text('pool'),
    nodes: fields.texts('nodes'),
    percent: fields.integer('percent'),
    tenants: fields.texts('tenants'),
  };
}
