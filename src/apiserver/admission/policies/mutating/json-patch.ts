/** Applies the result of a JSONPatch expression, a list of operations, to the object. */

import { jsonOf, NoJson } from '#api/cel/library/patches/json-value.ts';
import { misplacedTypes, PatchObject } from '#api/cel/library/patches/patch-object.ts';
import { PatchOperation } from '#api/cel/library/patches/patch-operation.ts';
import { ListValue } from '#api/cel/values/list.ts';
import type { Value } from '#api/cel/values/value.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { copyJson } from '#base/copy-json.ts';
import { applyJsonPatch, PatchApplyError, PatchTestFailed } from '#wire/patch/json-patch.ts';
import { MutationFailed } from './mutation-failed.ts';

/** Returns a new object; an unchanged copy if a `test` fails. Throws `MutationFailed`. */
export function applyOperations(object: AnyObject, made: unknown): AnyObject {
  const operations = operationsOf(made);
  try {
    return applyJsonPatch(object, operations) as AnyObject;
  } catch (error) {
    if (error instanceof PatchTestFailed) return copyJson(object);
    if (error instanceof PatchApplyError) throw new MutationFailed(`JSON Patch: ${error.message}`);
    throw error;
  }
}

function operationsOf(made: unknown): object[] {
  if (!(made instanceof ListValue)) {
    throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array');
  }
  return made.values().map((each) => {
    if (each instanceof PatchOperation) return operationOf(each);
    throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch');
  });
}

function operationOf({ texts: { op, path, from }, value }: PatchOperation): object {
  return {
    op,
    path,
    ...(from === '' ? {} : { from }),
    ...(value === undefined ? {} : { value: valueIn(value) }),
  };
}

function valueIn(value: Value): unknown {
  const misplaced = value instanceof PatchObject ? misplacedTypes(value, value.type.name) : [];
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`);
  try {
    return jsonOf(value, String);
  } catch (error) {
    if (!(error instanceof NoJson)) throw error;
    const why = 'JSONPath valueExpression evaluated to a type that could not marshal to JSON';
    throw new MutationFailed(`${why}: ${error.message}`);
  }
}
