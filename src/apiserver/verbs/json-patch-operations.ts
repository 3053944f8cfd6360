/**
 * The operations of a JSON patch as the API server's strict reader sees them, before the patch library does.
 */

import { strictErrorsMax } from '#wire/json/duplicate-fields.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { isJsonObject } from '#wire/json/value.ts';

const textFields = ['op', 'path', 'from'];
const fields: ReadonlySet<string> = new Set([...textFields, 'value']);

/** Why this is no list of operations, in the words of encoding/json. */
export function operationsProblem(patch: unknown): string | undefined {
  if (patch === null) return undefined;
  if (!Array.isArray(patch)) return misfit(patch, '[]handlers.jsonPatchOp');
  for (const operation of patch) {
    if (operation === null) continue;
    if (!isJsonObject(operation)) return misfit(operation, 'handlers.jsonPatchOp');
    for (const field of textFields) {
      const value = operation[field] ?? '';
      if (typeof value === 'string') continue;
      return `json: cannot unmarshal ${goJsonType(value)} into Go struct field jsonPatchOp.${field} of type string`;
    }
  }
  return undefined;
}

function misfit(value: unknown, type: string): string {
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type ${type}`;
}

/** Paths of what no operation has, `[0].foo`. */
export function unknownOperationFields(patch: unknown): string[] {
  const unknown: string[] = [];
  for (const [i, operation] of (Array.isArray(patch) ? patch : []).entries()) {
    for (const key of Object.keys(operation ?? {})) {
      if (!fields.has(key) && unknown.length < strictErrorsMax) unknown.push(`[${i}].${key}`);
    }
  }
  return unknown;
}

/**
 * What the strict reader says of the outcome: a value is put into it as it was written, with the fields that it gives
 * twice. `errors` are those of the patch, `duplicate field "[0].value.a"`.
 */
export function duplicatesInOutcome(errors: readonly string[], patch: unknown): string[] {
  const operations = (Array.isArray(patch) ? patch : []) as readonly { op?: string; path?: string }[];
  return errors.flatMap((error) => {
    const [, index = '', rest = ''] = /^duplicate field "\[(\d+)\]\.value(.*)"$/.exec(error) ?? [];
    const operation = operations[Number(index || Number.NaN)];
    if (operation?.op !== 'add' && operation?.op !== 'replace') return [];
    return [`duplicate field "${fieldOf(operation.path ?? '')}${rest}"`];
  });
}

/** `spec.containers[0]` of `/spec/containers/0`. */
function fieldOf(pointer: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.map((step, i) => (/^\d+$/.test(step) ? `[${step}]` : i > 0 ? `.${step}` : step)).join('');
}
