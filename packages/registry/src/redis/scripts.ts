import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const NAMES = [
  'beat',
  'leave',
  'list_nodes',
  'cordon',
  'claim',
  'update',
  'release',
  'reassert',
  'read',
  'lookup',
  'reserve',
  'status',
  'read_events',
  'record_event',
  'sweep_sessions',
  'sweep_nodes',
  'settings_read',
  'settings_write',
  'settings_restore',
  'idempotency_begin',
  'idempotency_finish',
  'idempotency_abandon',
  'deploy_create',
  'deploy_commit',
  'deploy_command',
  'deploy_document',
  'deploy_forget',
  'deploy_lease',
  'deploy_let_go',
  'deploy_put_back',
  'deploy_receipt',
  'deploy_restore',
  'deploy_result',
  'deploy_rollout',
  'deploy_touch',
  'probe_round',
  'sign_outs',
  'sli_write',
  'sli_read',
  'sli_sum',
  'sli_rehearsal',
  'series_write',
  'series_read',
] as const;

export type ScriptName = (typeof NAMES)[number];

export interface Script {
  readonly text: string;
  /** What EVALSHA names it by. */
  readonly sha1: string;
}

export type Scripts = Readonly<Record<ScriptName, Script>>;

/** The look-up stands alone: it is short, and what is in front of a script is run with it. */
const ALONE: readonly ScriptName[] = ['lookup'];

/** Reads every script, `shared.lua` in front of each. Called when connecting, so that importing reads no files. */
export function loadScripts(): Scripts {
  const shared = readLua('shared');
  const load = (name: ScriptName): [ScriptName, Script] => {
    const text = ALONE.includes(name) ? readLua(name) : `${shared}\n${readLua(name)}`;
    return [name, { text, sha1: createHash('sha1').update(text).digest('hex') }];
  };
  return Object.fromEntries(NAMES.map(load)) as Record<ScriptName, Script>; // fromEntries forgets the keys' type
}

function readLua(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');
}
