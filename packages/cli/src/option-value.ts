import { CulvertError } from '@culvert/base';
import type { Parser } from '@culvert/service';

/** The value of a flag, undefined when it is not given. Throws `config_invalid`, naming the flag. */
export function optionValue<T>(flag: string, given: string | undefined, parser: Parser<T>): T | undefined {
  if (given === undefined) return undefined;
  const value = parser.parse(given);
  if (value !== undefined) return value;
  throw new CulvertError('config_invalid', `${flag}: ${JSON.stringify(given)} given; expected ${parser.expects}`);
}
