/** Where a value stands in a body that is decoded, and its Go type, as messages name them. */

import { DecodeError, goTypeText, jsonTypeText, type WrongType } from './decode-error.ts';
import type { FieldDef, TypeDef, TypeRef } from './schema.ts';

/** A step of a path: a field, an index of a list, a key of a map. */
export type Step = FieldDef | number | string;

/** `spec.containers[0].name`. */
export function pathText(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${typeof step === 'string' ? step : step.name}`;
  }
  return text;
}

/** encoding/json's path: field names, and the structs they are inlined from. */
function goPathText(steps: readonly Step[]): string {
  return steps
    .filter((step) => typeof step === 'object')
    .map(({ name, inlined }) => (inlined ? `${inlined}.${name}` : name))
    .join('.');
}

/** Go's name of the type of `field`, or of that of its elements, where it has one of its own. */
function goTypeOf({ type, goType }: FieldDef, ref: TypeRef): string | undefined {
  if (goType === undefined || ref === type) return goType;
  const isElement = (type.kind === 'list' || type.kind === 'map') && type.of === ref;
  return isElement ? /^(?:\[\]|map\[[^\]]*\])(.*)$/.exec(goType)?.[1] : undefined;
}

/** Why a value at `steps` cannot be read, in the words of encoding/json. `field`, of the type `owner`, is the last step that is one. */
export function wrongType(
  steps: readonly Step[],
  { found, written, wanted }: Omit<WrongType, 'goType'>,
  owner: TypeDef,
  field: FieldDef,
): DecodeError {
  const struct = owner.name.split('.').at(-1);
  const goType = goTypeOf(field, wanted) ?? goTypeText(wanted);
  return new DecodeError(
    `json: cannot unmarshal ${jsonTypeText(found, wanted, written)} into Go struct field ${struct}.${goPathText(steps)} of type ${goType}`,
    { found, written, wanted, goType },
  );
}
