/**
 * Refuses an object with more CEL expressions than the server compiles in a moment: upstream compiles as many as fit
 * into an object, on a core of its own. The limit is many times what any known policy or webhook has.
 */

import { LimitExceeded } from '#wire/json/values-limit.ts';

const charactersMax = 200_000;
/** What the compilation of a short expression costs, in characters of a long one. */
const expressionCharacters = 80;

/** Absent expressions cost nothing. Throws `LimitExceeded`. */
export function refuseManyExpressions(expressions: Iterable<string | undefined>): void {
  let characters = 0;
  for (const expression of expressions) {
    if (expression) characters += expressionCharacters + expression.length;
    if (characters > charactersMax) throw new LimitExceeded(tooManyExpressions);
  }
}

const tooManyExpressions = `more than ${charactersMax} characters of expressions, with ${expressionCharacters} for each expression besides`;
