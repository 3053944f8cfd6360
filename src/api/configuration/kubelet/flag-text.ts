/** The truth of an option of a policy, as Go's `strconv.ParseBool` reads it. */

import { ConfigurationError } from '../error.ts';

/** Throws `ConfigurationError`, with upstream's words. */
export function isTrueText(option: string, value: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false;
  const why = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
  throw new ConfigurationError(`kubelet: bad value for option ${JSON.stringify(option)}: ${why}`);
}
