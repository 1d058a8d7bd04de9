import { duration, type OptionTable } from '@culvert/service';
import { SIGN_IN_TIMES } from './sign-ins.ts';

const HOUR_MS = 3_600_000;

export interface SignInConfig {
  readonly signInIdle: number;
  readonly signInMax: number;
}

export const signInOptions: OptionTable<SignInConfig> = {
  signInIdle: {
    flag: '--sign-in-idle',
    env: 'CULVERT_SIGN_IN_IDLE',
    parser: duration(60_000, 24 * HOUR_MS),
    default: SIGN_IN_TIMES.idleMs,
    doc: 'how long a browser stays signed in to the dashboard without asking for anything',
  },
  signInMax: {
    flag: '--sign-in-max',
    env: 'CULVERT_SIGN_IN_MAX',
    parser: duration(60_000, 7 * 24 * HOUR_MS),
    default: SIGN_IN_TIMES.maxMs,
    doc: 'how long a browser stays signed in to the dashboard at most',
  },
};
