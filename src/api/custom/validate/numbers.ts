/** Checks numbers by an OpenAPI schema: minimum, maximum, multipleOf and the range of the format. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import type { Check } from './check.ts';
import { pathlessProblem, problem, type Result } from './result.ts';

const int32 = 2 ** 31;
const int64 = 2 ** 63;
const float32Max = 3.4028234663852886e38;

export function numberCheck(schema: JSONSchemaProps): Check | undefined {
  const { maximum, minimum, multipleOf } = schema;
  const range = rangeCheck(schema);
  if (maximum === undefined && minimum === undefined && multipleOf === undefined && !range) return undefined;
  return (value, path, out) => {
    if (typeof value !== 'number' && typeof value !== 'bigint') return;
    range?.(value, path, out);
    if (multipleOf !== undefined) checkMultiple(value, multipleOf, path, out);
    if (minimum !== undefined) checkMinimum(schema, value, path, out);
    if (maximum !== undefined) checkMaximum(schema, value, path, out);
    out.matches += 1;
  };
}

/** The range of the format. */
function rangeCheck({ type, format }: JSONSchemaProps) {
  const isFloat = type === 'number' && format === 'float';
  if (type !== 'integer' && !isFloat) return undefined;
  const hasFormat = isFloat || format === 'int32' || format === 'int64';
  const declared = hasFormat ? `type ${type} with format ${format}` : `type ${type} (default format)`;
  const bound = format === 'int32' ? int32 : int64;
  const fits = (value: number | bigint) => {
    if (typeof value === 'bigint') return isFloat || bound === int64;
    return isFloat
      ? Math.abs(value) <= float32Max
      : Number.isInteger(value) && value >= -bound && value < bound;
  };
  return (value: number | bigint, path: string, out: Result) => {
    if (!fits(value)) out.add(pathlessProblem(`Checked value must be of ${declared} in ${path}`));
  };
}

function checkMultiple(value: number | bigint, factor: number, path: string, out: Result): void {
  if (factor <= 0) {
    out.add(problem(path, `factor MultipleOf declared for ${path} must be positive: ${factor}`, factor));
    return;
  }
  const quotient = factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor;
  const isWhole = Math.abs(quotient - Math.round(quotient)) < 1e-9;
  if (!isWhole) out.add(problem(path, `${path} in body should be a multiple of ${factor}`, value));
}

function checkMinimum(
  { minimum = 0, exclusiveMinimum }: JSONSchemaProps,
  value: number | bigint,
  path: string,
  out: Result,
): void {
  if (exclusiveMinimum ? value > minimum : value >= minimum) return;
  const bound = exclusiveMinimum ? 'greater than' : 'greater than or equal to';
  out.add(problem(path, `${path} in body should be ${bound} ${minimum}`, value));
}

function checkMaximum(
  { maximum = 0, exclusiveMaximum }: JSONSchemaProps,
  value: number | bigint,
  path: string,
  out: Result,
): void {
  if (exclusiveMaximum ? value < maximum : value <= maximum) return;
  const bound = exclusiveMaximum ? 'less than' : 'less than or equal to';
  out.add(problem(path, `${path} in body should be ${bound} ${maximum}`, value));
}
