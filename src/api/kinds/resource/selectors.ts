/** Selectors of devices: expressions that compile to a truth value, at a bounded cost. */

import { compile, isProgram } from '../../cel/compile.ts';
import { costLimits } from '../../cel/contract.ts';
import { deviceEnvironment } from '../../cel/environments/device.ts';
import { formatType } from '../../cel/types/type.ts';
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

function checkSelector({ cel }: DeviceSelector, path: string): FieldError[] {
  if (!cel) return [required(`${path}.cel`)];
  return checkExpression(cel.expression ?? '', `${path}.cel.expression`);
}

function checkExpression(expression: string, path: string): FieldError[] {
  if (byteLength(expression) > expressionMaxLength) return [tooLong(path, expressionMaxLength)];
  const compilation = compile(expression, deviceEnvironment());
  if (!isProgram(compilation)) {
    const { issues, text } = compilation;
    return issues.length === 0
      ? [internalFieldError(path, text)]
      : [invalidValue(path, expression, `compilation failed: ${text}`)];
  }
  const { outputType } = compilation;
  if (outputType.kind !== 'bool' && outputType.kind !== 'any') {
    const text = `must evaluate to bool or the unknown type, not ${formatType(outputType)}`;
    return [invalidValue(path, expression, text)];
  }
  const isCostly = compilation.estimateCost().max > costLimits.call;
  return isCostly ? [forbiddenField(path, 'too complex, exceeds cost limit')] : [];
}
