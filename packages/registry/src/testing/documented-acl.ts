import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '../../../../docs/REDIS.md');

/** The rules of `ACL SETUSER <user>` as docs/REDIS.md gives them, without the password: tests run with no others. */
export function documentedAcl(user: string): string[] {
  const line = new RegExp(`^ACL SETUSER ${user} on >\\S+ (.+)$`, 'm').exec(readFileSync(DOCUMENT, 'utf8'));
  if (!line?.[1]) throw new Error(`docs/REDIS.md has no rules for ${user}`);
  return line[1].split(' ');
}
