/** The regular expressions of `cors-allowed-origins`: each must pin both ends of the host, as upstream demands. */

import { RE2JS } from 're2js';
import { errorText } from '#base/text/error-text.ts';

/** What is wrong with the pattern, if anything. */
export function pinnedPattern(pattern: string): string | undefined {
  if (pattern === '') return 'has an empty value';
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    return `has an invalid regular expression: ${errorText(error)}`;
  }
  const pinsStart = pattern.includes('^') || pattern.includes('//');
  const pinsEnd = pattern.includes('$') || pattern.includes(':');
  if (pinsStart && pinsEnd) return undefined;
  return `has an invalid regular expression: ${JSON.stringify(pattern)} does not pin to start/end of host in the origin header`;
}

/** Whether any part of the text matches one of the patterns. */
export function originMatcher(patterns: readonly string[]): (origin: string) => boolean {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return (origin) => compiled.some((pattern) => pattern.matcher(origin).find());
}
