import { CulvertError } from '@culvert/base';
import type { Directory } from '../directory.ts';
import { readHash } from './hash.ts';
import { toJson } from './json.ts';
import type { KeptDocuments } from './types.ts';

type Kind = 'schedule' | 'window';

const MAX_DOCUMENTS = 1_000;
const MAX_ID_CHARS = 256;

/** Rejects with `limit_exceeded` when there are 1,000 of this kind. */
export async function putDocument(
  { scripts, keys }: Directory,
  kind: Kind,
  id: string,
  document: unknown,
): Promise<void> {
  assertDocumentId(kind, id);
  const request = { id, body: toJson(document), max: MAX_DOCUMENTS };
  const reply = await scripts.run('deploy_document', [keyOf(keys, kind)], request);
  if (reply.oneOf('outcome', ['ok', 'full']) === 'ok') return;
  throw new CulvertError('limit_exceeded', `there are ${MAX_DOCUMENTS} ${kind}s already`);
}

export async function deleteDocument({ scripts, keys }: Directory, kind: Kind, id: string): Promise<boolean> {
  assertDocumentId(kind, id);
  const reply = await scripts.run('deploy_document', [keyOf(keys, kind)], { id });
  return reply.oneOf('outcome', ['ok', 'absent']) === 'ok';
}

export function readDocuments(directory: Directory, kind: Kind): Promise<ReadonlyMap<string, unknown>> {
  return readHash(directory, keyOf(directory.keys, kind), `${kind}s`);
}

export async function putBackDocuments(
  { scripts, keys: { deploy } }: Directory,
  round: string,
  { schedule, window }: KeptDocuments,
): Promise<number> {
  const texts = (documents: ReadonlyMap<string, unknown>): Record<string, string> =>
    Object.fromEntries([...documents].map(([id, document]) => [id, toJson(document)]));
  const request = { round, schedules: texts(schedule), windows: texts(window) };
  const reply = await scripts.run('deploy_put_back', [deploy.schedules, deploy.windows, deploy.putBack], request);
  return reply.integer('documents');
}

/** It is no part of a key, so any text will do. */
function assertDocumentId(kind: Kind, id: string): void {
  if (id.length > 0 && id.length <= MAX_ID_CHARS) return;
  throw new CulvertError('invalid_request', `the id of a ${kind} has from 1 to ${MAX_ID_CHARS} characters`);
}

function keyOf({ deploy }: Directory['keys'], kind: Kind): string {
  return kind === 'schedule' ? deploy.schedules : deploy.windows;
}
