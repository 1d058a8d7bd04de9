import type { DeploymentStep } from '@culvert/contracts';
import { admit } from './admit.ts';
import { analyze } from './analyze.ts';
import { cordon } from './cordon.ts';
import { announce, busy, closeIdle } from './drain.ts';
import { prepare } from './prepare.ts';
import { sendBack } from './return.ts';
import { ok, type StepRule } from './step.ts';
import { terminate } from './terminate.ts';
import { verify } from './verify.ts';
import { verifyEmpty } from './verify-empty.ts';
import { warm } from './warm.ts';

const waits: StepRule = { limitMs: () => null, atLimit: 'pause', look: () => ok('its turn has come') };
const done: StepRule = { limitMs: () => null, atLimit: 'pause', look: () => ok('done') };

export const RULES: Readonly<Record<DeploymentStep, StepRule>> = {
  ...{ waiting: waits, prepare, verify, admit, cordon, announce, close_idle: closeIdle, busy },
  ...{ verify_empty: verifyEmpty, warm, terminate, analyze, return: sendBack, done },
};
