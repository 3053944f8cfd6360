/**
 * Why a pattern does not compile. Answers are remembered: a large definition has the pattern of a quantity in hundreds
 * of fields.
 */

import { RE2JS } from 're2js';
import { errorText } from '#base/text/error-text.ts';

/** More than the patterns of a single definition can have. */
const charactersMax = 4_000_000;

const known = new Map<string, string | undefined>();
let characters = 0;

export function patternError(pattern: string): string | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (characters + pattern.length > charactersMax) {
    known.clear();
    characters = 0;
  }
  const error = compileError(pattern);
  known.set(pattern, error);
  characters += pattern.length;
  return error;
}

function compileError(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
