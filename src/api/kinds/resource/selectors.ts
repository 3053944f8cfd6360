/** Selectors of devices: expressions that compile to a truth value, at a bounded cost. */

import { compile, isProgram } from '../../cel/compile.ts';
import { costLimits } from '../../cel/contract.ts';
import { deviceEnvironment } from '../../cel/environments/device.ts';
import { typeText } from '../../cel/types/type.ts';
import type { DeviceSelector } from '../../generated/types.gen.ts';
import {
  type FieldError,
  forbiddenField,
  internalFieldError,
  invalidValue,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { byteLength } from '../../validation/validators.ts';
import { checkItems } from './lists.ts';

const selectorsMax = 32;
const expressionMaxLength = 10 * 1024;

export function checkSelectors(selectors: DeviceSelector[] | undefined, path: string): FieldError[] {
  return checkItems(selectors, selectorsMax, checkSelector, path);
}

/** The errors of an expression whose path is given. */
type Verdict = (path: string) => FieldError[];

interface Compiled {
  readonly expression: string;
  readonly verdict: Verdict;
}

/** Of selectors that were compiled before they are checked, by their `cel`. */
const compiledAhead = new WeakMap<object, Compiled>();

/** Each step compiles one expression, which takes milliseconds for a long one; a claim may have a hundred such. */
export function* compileSelectors(given: readonly DeviceSelector[] | null | undefined): Iterable<() => void> {
  const selectors = given ?? [];
  if (selectors.length > selectorsMax) return;
  for (const { cel } of selectors) {
    if (cel) yield () => void compiledAhead.set(cel, compiled(cel.expression ?? ''));
  }
}

function checkSelector({ cel }: DeviceSelector, path: string): FieldError[] {
  if (!cel) return [required(`${path}.cel`)];
  const { expression = '' } = cel;
  const known = compiledAhead.get(cel);
  const { verdict } = known?.expression === expression ? known : compiled(expression);
  return verdict(`${path}.cel.expression`);
}

function compiled(expression: string): Compiled {
  return { expression, verdict: verdictOf(expression) };
}

function verdictOf(expression: string): Verdict {
  if (byteLength(expression) > expressionMaxLength) return (path) => [tooLong(path, expressionMaxLength)];
  const compilation = compile(expression, deviceEnvironment());
  if (!isProgram(compilation)) {
    const { issues, text } = compilation;
    return issues.length === 0
      ? (path) => [internalFieldError(path, text)]
      : (path) => [invalidValue(path, expression, `compilation failed: ${text}`)];
  }
  const { outputType } = compilation;
  if (outputType.kind !== 'bool' && outputType.kind !== 'any') {
    const text = `must evaluate to bool or the unknown type, not ${typeText(outputType)}`;
    return (path) => [invalidValue(path, expression, text)];
  }
  const isCostly = compilation.estimateCost().max > costLimits.call;
  return (path) => (isCostly ? [forbiddenField(path, 'too complex, exceeds cost limit')] : []);
}
