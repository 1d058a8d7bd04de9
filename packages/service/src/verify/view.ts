import type { RegistryDifferenceList } from '@culvert/contracts';
import { sessionOf, severityOf, workersOf } from './difference.ts';
import type { Verification } from './verify.ts';
import { describeDifference } from './words.ts';

/** Differences that one answer has: who has more of them than that needs no list. */
const MAX_ITEMS = 1_000;

/** As the API answers it. */
export function toDifferenceList({
  checked,
  recovering,
  differences,
  unsettled,
}: Verification): RegistryDifferenceList {
  const items = differences.slice(0, MAX_ITEMS).map((difference) => {
    const { directory, workers: truth, advice } = describeDifference(difference);
    return {
      ...{ kind: difference.kind, severity: severityOf(difference), session: sessionOf(difference) },
      ...{ workers: [...workersOf(difference)], directory, truth, advice },
    };
  });
  return { checked: { ...checked, unsettled }, recovering, total: differences.length, items, next: null };
}
