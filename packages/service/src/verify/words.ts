import type { Difference, Holder, NamedOwner } from './difference.ts';

/** A difference as a person reads it. */
export interface DifferenceWords {
  /** Goes on after `the registry`. */
  readonly directory: string;
  readonly workers: string;
  /** What it means, and what to do about it. */
  readonly advice: string;
}

const HEALS = 'It heals when that worker tells its sessions again; if it lasts, drain and restart the worker.';
const REPORTED = "The worker's reports do not get through: its log names session.report_failed and why.";

export function describeDifference(difference: Difference): DifferenceWords {
  switch (difference.kind) {
    case 'missing':
      return {
        directory: 'has no entry',
        workers: holds(difference.holder),
        advice: `Gateways do not find it, and it may be opened a second time. ${HEALS}`,
      };
    case 'stale_owner':
      return {
        directory: names(difference.owner),
        workers: staleWords(difference),
        advice: 'Connections are sent to a worker that refuses them. Its agent claims it anew when it comes back.',
      };
    case 'two_owners':
      return {
        directory: difference.owner ? names(difference.owner) : 'names no live owner',
        workers: difference.holders.map(holds).join('; '),
        advice:
          'Only the highest epoch is served, as the agent follows no other. The others close theirs when they report it; ' +
          'if that lasts, close the session there: DELETE /sessions/<id> on the worker’s admin address.',
      };
    case 'wrong_epoch':
      return { ...said(difference, 'epoch'), advice: `Commands under the other epoch are refused as fenced. ${HEALS}` };
    case 'wrong_tenant':
      return {
        ...said(difference, 'tenant'),
        advice: 'A session belongs to one tenant for ever: close it, and look who wrote to this Redis beside Culvert.',
      };
    case 'wrong_state':
      return { ...said(difference, 'state'), advice: REPORTED };
    case 'wrong_count':
      return { ...said(difference, 'connections'), advice: REPORTED };
    case 'vacant':
      return vacantWords(difference.epoch, difference.holder);
    case 'index':
      return indexWords(difference);
    case 'unreachable':
      return {
        directory: `has ${difference.worker} as alive`,
        workers: `${difference.worker} does not tell its sessions: ${difference.why}`,
        advice: 'Its sessions were not judged. Is its admin address open to the API?',
      };
    case 'orphan_reservation':
      return {
        directory: `keeps a place on ${difference.worker} until ${new Date(difference.untilMs).toISOString()}`,
        workers: `${difference.worker} has it already`,
        advice: 'Nothing is needed: the place is given back then.',
      };
  }
}

function holds({ worker, epoch, state }: Holder): string {
  return `${worker} has it, ${state}, epoch ${epoch}`;
}

function names({ worker, boot, epoch }: NamedOwner): string {
  return `says ${worker}#${boot}, epoch ${epoch}`;
}

function said(
  d: { readonly worker: string; readonly directory: string | number; readonly served: string | number },
  what: string,
): { directory: string; workers: string } {
  return { directory: `says ${what} ${d.directory}`, workers: `${d.worker} says ${what} ${d.served}` };
}

function staleWords({ why, owner, holder }: Extract<Difference, { kind: 'stale_owner' }>): string {
  const { worker } = owner;
  const owners = {
    not_there: `${worker} does not have it`,
    letting_go: `${worker} does not hold it, or not yet`,
    other_boot: `${worker} is another boot by now`,
    unknown: `there is no live worker ${worker}`,
  }[why];
  return `${owners}; ${holder ? holds(holder) : 'nor does any other'}`;
}

function vacantWords(epoch: number, holder: Holder | null): DifferenceWords {
  const directory = `says that its owner is gone, epoch ${epoch}`;
  if (holder) {
    return { directory, workers: holds(holder), advice: `Gateways do not find it. ${HEALS}` };
  }
  return {
    directory,
    workers: 'nobody has it',
    advice: 'Nothing is needed: its agent takes it elsewhere, or it is swept two minutes after.',
  };
}

function indexWords({ index, under, problem }: Extract<Difference, { kind: 'index' }>): DifferenceWords {
  const of = index === 'owned' ? `the index of ${under}'s sessions` : `the index of tenant ${under}`;
  const directory = {
    lacks: `lacks it in ${of}, its entry is there`,
    extra: `has it in ${of}, its entry is another's`,
    no_entry: `has it in ${of}, but no entry`,
  }[problem];
  return {
    directory,
    workers: 'not asked',
    advice:
      problem === 'lacks'
        ? 'Listings and capacity count without it until its owner tells it again.'
        : index === 'owned'
          ? 'It counts towards that worker’s capacity until the worker leaves and is swept.'
          : 'It counts towards that tenant’s limit of sessions.',
  };
}
