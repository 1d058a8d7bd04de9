import { CulvertError } from '@culvert/base';
import type { Directory } from '../directory.ts';
import { assertId } from '../keys.ts';
import { readHash } from './hash.ts';
import { parseJson, toJson } from './json.ts';
import { KEEP_RESULTS_MS } from './records.ts';

const MAX_RESULTS = 100_000;
const MAX_TOUCHED = 100_000;
/** Entries written per script call. */
const TOUCHED_PER_CALL = 500;
/** Redis takes texts of up to 512 MiB, but not within the deadline of a command. */
const MAX_RECEIPT_CHARS = 64 * 1024 * 1024;

/** Rejects with `limit_exceeded` when there are 100,000 results. */
export async function putResult(
  { scripts, keys }: Directory,
  id: string,
  key: string,
  result: unknown,
): Promise<unknown> {
  assertId('a deployment id', id);
  const { deploy } = keys;
  const reply = await scripts.run(
    'deploy_result',
    [deploy.record(id), deploy.results(id)],
    { key, max: MAX_RESULTS, keepMs: KEEP_RESULTS_MS },
    [toJson(result)],
  );
  if (reply.oneOf('outcome', ['ok', 'full']) === 'ok') return parseJson(reply.text('result'), `result ${key}`);
  throw new CulvertError('limit_exceeded', `deployment ${id} has ${MAX_RESULTS} results already`);
}

export function readResults(directory: Directory, id: string): Promise<ReadonlyMap<string, unknown>> {
  assertId('a deployment id', id);
  return readHash(directory, directory.keys.deploy.results(id), 'results');
}

/** Rejects with `limit_exceeded` when there are 100,000 entries and some are new; those that found room are stored then. */
export async function putTouched(
  { scripts, keys }: Directory,
  id: string,
  entries: ReadonlyMap<string, unknown>,
): Promise<void> {
  assertId('a deployment id', id);
  const { deploy } = keys;
  const all = [...entries].map(([key, value]) => [key, toJson(value)] as const);
  let left = 0;
  for (let at = 0; at < all.length; at += TOUCHED_PER_CALL) {
    const reply = await scripts.run('deploy_touch', [deploy.record(id), deploy.touched(id)], {
      entries: Object.fromEntries(all.slice(at, at + TOUCHED_PER_CALL)),
      max: MAX_TOUCHED,
      keepMs: KEEP_RESULTS_MS,
    });
    left += reply.integer('left');
  }
  if (left === 0) return;
  throw new CulvertError('limit_exceeded', `deployment ${id} touched more than ${MAX_TOUCHED}: ${left} are left out`);
}

export function readTouched(directory: Directory, id: string): Promise<ReadonlyMap<string, unknown>> {
  assertId('a deployment id', id);
  return readHash(directory, directory.keys.deploy.touched(id), 'what was touched');
}

/** Rejects with `deployment_not_found` without a record, and with `payload_too_large` for one of more than 64 Mi characters. */
export async function putReceipt({ scripts, keys }: Directory, id: string, receipt: unknown): Promise<void> {
  assertId('a deployment id', id);
  const { deploy } = keys;
  const text = toJson(receipt);
  if (text.length > MAX_RECEIPT_CHARS) {
    throw new CulvertError('payload_too_large', `the receipt of ${id} has ${text.length} characters`);
  }
  const reply = await scripts.run('deploy_receipt', [deploy.record(id), deploy.receipt(id)], { id }, [text]);
  if (reply.oneOf('outcome', ['ok', 'absent']) === 'absent') throw new CulvertError('deployment_not_found');
}

/** undefined: there is none. */
export async function readReceipt({ connection, keys }: Directory, id: string): Promise<unknown> {
  assertId('a deployment id', id);
  const text = await connection.command('a receipt', (redis) => redis.get(keys.deploy.receipt(id)));
  return text === null ? undefined : parseJson(text, `receipt of ${id}`);
}
