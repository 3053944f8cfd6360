/** Checks strings by an OpenAPI schema: length, pattern and format. */

import { RE2JS } from 're2js';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import type { Check } from './check.ts';
import { compiledSize } from './expression-size.ts';
import { formatCheck } from './formats.ts';
import { problem, type Result, tooLongProblem, typeProblem } from './result.ts';

export function stringCheck({
  maxLength,
  minLength,
  pattern,
  format,
  type,
}: JSONSchemaProps): Check | undefined {
  const expression = pattern ? expressionOf(pattern) : undefined;
  const isOfFormat = format && (!type || type === 'string') ? formatCheck(format) : undefined;
  if (maxLength === undefined && minLength === undefined && !expression && !isOfFormat) return undefined;
  const first = (text: string, path: string, out: Result) => {
    const length = maxLength === undefined && minLength === undefined ? 0 : lengthOf(text);
    if (maxLength !== undefined && length > maxLength) return tooLongProblem(path, maxLength);
    if (minLength !== undefined && length < minLength) {
      return problem(path, `${path} in body should be at least ${minLength} chars long`, text);
    }
    const wrong = expression?.(text, out);
    return wrong === undefined ? undefined : problem(path, `${path} in body should match '${wrong}'`, text);
  };
  return (value, path, out) => {
    if (typeof value !== 'string') return;
    const found = first(value, path, out);
    if (found) out.add(found);
    if (isOfFormat && !isOfFormat(value)) out.add(typeProblem(path, format!, value));
  };
}

/** Characters as Go counts them. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** Instructions of a compiled expression for which matching a character counts as one step. */
const characterSteps = 20;

/** Returns the pattern that a text does not match. Compiled when first used: most patterns never are. */
function expressionOf(pattern: string): (text: string, out: Result) => string | undefined {
  const stepsEach = compiledSize(pattern) / characterSteps;
  let expression: RE2JS | string | undefined;
  const compiled = () => {
    try {
      return RE2JS.compile(pattern);
    } catch (error) {
      return `${pattern}, but pattern is invalid: ${(error as Error).message}`;
    }
  };
  return (text, out) => {
    out.spend(text.length * stepsEach);
    expression ??= compiled();
    if (typeof expression === 'string') return expression;
    return expression.matcher(text).find() ? undefined : pattern;
  };
}
