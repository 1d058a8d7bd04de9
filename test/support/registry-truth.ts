import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { CulvertError } from '@culvert/base';
import type { RegistryDifferenceList } from '@culvert/contracts';
import type { ApiClient } from '@culvert/local';

/** Between two comparisons, each of which waits for differences to settle by itself. */
const PAUSE_MS = 250;
/** A difference that is shorter is a number on its way, or a session between two workers. */
const SETTLE_MS = 1_000;

/**
 * Resolves once the registry is whole and says what the workers say; `vacant` entries without an owner are in order. Fails with every
 * difference in words when it does not within `withinMs`.
 */
export async function expectRegistryTrue(
  cluster: { readonly api: ApiClient },
  { withinMs }: { readonly withinMs: number },
): Promise<void> {
  const deadline = AbortSignal.timeout(withinMs);
  let last = 'it was never compared';
  for (;;) {
    last = (await differences(cluster.api, deadline)) ?? last;
    if (last === '') return;
    if (deadline.aborted) assert.fail(`the registry is not true within ${withinMs} ms:\n${last}`);
    await delay(PAUSE_MS);
  }
}

/** In words, empty when there are none; undefined when the time was up before the answer. */
async function differences(api: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    const path = `/registry/differences?settleMs=${SETTLE_MS}`;
    const { items, checked, recovering } = await api.call<RegistryDifferenceList>('GET', path, { signal });
    const lines = items
      .filter(({ severity }) => severity === 'error')
      .map(({ kind, session, directory, truth }) => `${kind} ${session ?? ''}: the registry ${directory}; ${truth}`);
    // An emptied Redis knows no worker that could contradict it.
    if (recovering) lines.push('it is recovering');
    if (checked.workers === 0) lines.push('no worker answered');
    if (checked.unsettled > 0) lines.push(`${checked.unsettled} differences kept changing`);
    return lines.join('\n');
  } catch (error) {
    // The API, or the registry behind it, may just be away: that is no answer, and the next one may be better.
    if (!(error instanceof CulvertError)) throw error;
    return signal.aborted ? undefined : `${error.message} (${error.code})`;
  }
}
