import type { Directory } from '../directory.ts';
import { parseJson } from './json.ts';

/** Values read at a time. */
const READ_AT_ONCE = 1_000;

/** A hash of JSON texts, read in parts, so that a large one holds nobody up; what comes meanwhile may be missing. */
export async function readHash(
  { connection }: Directory,
  key: string,
  what: string,
): Promise<ReadonlyMap<string, unknown>> {
  const names = await connection.command(what, (redis) => redis.hkeys(key));
  const found = new Map<string, unknown>();
  for (let at = 0; at < names.length; at += READ_AT_ONCE) {
    const some = names.slice(at, at + READ_AT_ONCE);
    const texts = await connection.command(what, (redis) => redis.hmget(key, ...some));
    for (const [i, name] of some.entries()) {
      const text = texts[i];
      if (text !== null && text !== undefined) found.set(name, parseJson(text, `${what}: ${name}`));
    }
  }
  return found;
}
