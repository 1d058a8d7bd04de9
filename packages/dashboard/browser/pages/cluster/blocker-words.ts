import type { Blocker } from '@culvert/contracts';

const REASONS: Readonly<Record<Blocker['reason'], string>> = {
  direct: 'on its own address',
  moving: 'moving',
  no_target: 'no worker can take it',
  busy: 'waited for',
};

/** Why it is still there, in a word or two. */
export function reasonOf({ reason }: Blocker): string {
  return REASONS[reason];
}

/** One key for each row: a session has one row of its own and one for each of its connections. */
export function keyOf({ session, connection }: Blocker): string {
  return `${session}/${connection ?? ''}`;
}
