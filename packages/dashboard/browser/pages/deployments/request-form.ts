import type { DeploymentBody, DeploymentRequest } from '@culvert/contracts';
import { durationText, parseDuration } from './durations.ts';

/** What stands in the fields of "Start a deployment": texts, as people type them; empty: the default. */
export interface RequestForm {
  readonly version: string;
  readonly role: NonNullable<DeploymentBody['role']>;
  readonly pool: string;
  readonly strategy: NonNullable<DeploymentBody['strategy']>;
  readonly policy: NonNullable<DeploymentBody['policy']>;
  readonly batch: string;
  readonly surge: string;
  readonly canaryBy: 'percent' | 'tenants';
  readonly canaryPercent: string;
  readonly canaryTenants: string;
  readonly analyze: string;
  readonly keepWarm: string;
  readonly deadline: string;
  readonly onDeadline: NonNullable<DeploymentBody['onDeadline']>;
  readonly hold: boolean;
  readonly queue: boolean;
  readonly inWindow: boolean;
  readonly provider: NonNullable<DeploymentBody['provider']>['kind'];
  readonly directory: string;
}

export const EMPTY_FORM: RequestForm = {
  ...{ version: '', role: 'worker', pool: '', strategy: 'rolling', policy: 'move', batch: '', surge: '' },
  ...{ canaryBy: 'percent', canaryPercent: '', canaryTenants: '', analyze: '', keepWarm: '', deadline: '' },
  ...{ onDeadline: 'pause', hold: false, queue: false, inWindow: false, provider: 'process', directory: '' },
};

/** A canary is watched for so long if nobody says otherwise, as with `culvert deploy start`; ms. */
const CANARY_MS = 300_000;
const WEEK_MS = 7 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const VERSION = /^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?$/;
const CHOSEN_ID = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const MAX_TENANTS = 100;

export type Problems = Partial<Record<keyof RequestForm, string>>;

/** The body of `POST /v1/deployments`, or what is wrong with which field. Fields that the choice has no use for are not read. */
export function readForm(form: RequestForm): { readonly body: DeploymentBody } | { readonly problems: Problems } {
  const read = new Reader(form);
  const { role, strategy, policy, onDeadline, hold, queue, inWindow, provider } = form;
  const isWorker = role === 'worker';
  const isCanary = isWorker && strategy === 'canary';
  const canary = isCanary ? readCanary(read, form) : undefined;
  const directory =
    provider === 'process' ? read.text('directory', (text) => text.length <= 4_096, TOO_LONG) : undefined;
  const body = known({
    version: read.text('version', (text) => VERSION.test(text), VERSION_WORDS, 'Which version is to run?') ?? '',
    ...{ role, strategy: isWorker ? strategy : undefined, policy, onDeadline },
    pool: read.text('pool', (text) => CHOSEN_ID.test(text), ID_WORDS),
    batch: read.integer('batch', 1, 1_000),
    surge: isWorker && strategy === 'surge' ? read.integer('surge', 1, 1_000) : undefined,
    canary,
    analyzeMs: isWorker && !isCanary ? read.duration('analyze', 0, HOUR_MS) : undefined,
    keepWarmMs: isWorker && strategy === 'blue-green' ? read.duration('keepWarm', 0, WEEK_MS) : undefined,
    deadlineMs: read.duration('deadline', 1_000, WEEK_MS),
    ...{ hold: hold || undefined, queue: queue || undefined, inWindow: inWindow || undefined },
    provider: provider === 'process' && directory === undefined ? undefined : known({ kind: provider, directory }),
  });
  return Object.keys(read.problems).length > 0 ? { problems: read.problems } : { body };
}

const VERSION_WORDS = '1 to 64 letters, digits, and inside . _ + -';
const ID_WORDS = '1 to 63 of a-z, 0-9, and inside . _ -';
const TOO_LONG = 'At most 4096 characters.';

function readCanary(read: Reader, form: RequestForm): NonNullable<DeploymentBody['canary']> {
  const analyzeMs = read.duration('analyze', 0, WEEK_MS) ?? CANARY_MS;
  if (form.canaryBy === 'percent') {
    const percent = read.integer('canaryPercent', 1, 100, 'Which share of new sessions does it get?');
    return known({ percent, analyzeMs });
  }
  const names = (text: string): string[] => text.split(/[\s,]+/).filter((name) => name !== '');
  const isFine = (text: string): boolean =>
    names(text).length <= MAX_TENANTS && names(text).every((name) => CHOSEN_ID.test(name));
  const words = `Up to ${MAX_TENANTS} ids of tenants, with commas between.`;
  const tenants = read.text('canaryTenants', isFine, words, 'Whose new sessions does it get?');
  return known({ tenants: tenants === undefined ? undefined : [...new Set(names(tenants))], analyzeMs });
}

/** Reads fields, and remembers what was wrong. */
class Reader {
  readonly problems: Problems = {};
  readonly #form: RequestForm;

  constructor(form: RequestForm) {
    this.#form = form;
  }

  /** undefined: it is empty, or wrong. `missing`: said of an empty one that has to be there. */
  text(
    field: keyof RequestForm,
    isFine: (text: string) => boolean,
    words: string,
    missing?: string,
  ): string | undefined {
    const text = String(this.#form[field]).trim();
    const problem = text === '' ? missing : isFine(text) ? undefined : words;
    if (problem !== undefined) this.problems[field] = problem;
    return text === '' || problem !== undefined ? undefined : text;
  }

  integer(field: keyof RequestForm, least: number, most: number, missing?: string): number | undefined {
    const isFine = (text: string): boolean => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most;
    const text = this.text(field, isFine, `A whole number from ${least} to ${most}.`, missing);
    return text === undefined ? undefined : Number(text);
  }

  duration(field: keyof RequestForm, least: number, most: number): number | undefined {
    const isFine = (text: string): boolean => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= least && ms <= most;
    };
    const words = `A time with its unit, such as 30s, 10m or 1h; from ${durationText(least)} to ${durationText(most)}.`;
    const text = this.text(field, isFine, words);
    return text === undefined ? undefined : parseDuration(text);
  }
}

type Known<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without what was not given: the API has its own defaults. */
function known<T extends object>(value: T): Known<T> {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as Known<T>;
}

/** The same settings once more; `version`: another one than then. */
export function formOf(request: DeploymentRequest, version = request.version): RequestForm {
  const { canary, strategy, role, analyzeMs } = request;
  return {
    ...{ version, role, pool: request.pool, strategy, policy: request.policy, batch: String(request.batch) },
    surge: strategy === 'surge' ? String(request.surge) : '',
    canaryBy: canary?.tenants === undefined ? 'percent' : 'tenants',
    canaryPercent: canary?.percent === undefined ? '' : String(canary.percent),
    canaryTenants: canary?.tenants?.join(', ') ?? '',
    analyze: role === 'worker' ? durationText(canary?.analyzeMs ?? analyzeMs) : '',
    keepWarm: strategy === 'blue-green' ? durationText(request.keepWarmMs) : '',
    deadline: durationText(request.deadlineMs),
    ...{ onDeadline: request.onDeadline, hold: request.hold, queue: request.queue, inWindow: request.inWindow },
    provider: request.provider.kind,
    directory: request.provider.directory ?? '',
  };
}
