import { ProtocolError } from '../frame.ts';
import { specRules } from './spec-tables.ts';

/** For `assert.throws`: a ProtocolError of this rule, with the code that SPEC.md gives it. */
export function breaks(rule: string): (error: unknown) => boolean {
  const code = specRules().get(rule)?.code;
  return (error) => {
    if (!(error instanceof ProtocolError)) throw new Error(`expected ${rule}, got ${String(error)}`, { cause: error });
    if (error.rule !== rule || error.code !== code || !error.message.startsWith(`${rule}: `)) {
      throw new Error(`expected ${rule} with ${code}, got ${error.code} ${error.message}`);
    }
    return true;
  };
}
