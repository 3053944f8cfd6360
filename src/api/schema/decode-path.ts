/** Where a value stands in a body that is decoded, and its Go type, as messages name them. */

import type { FieldDef, TypeRef } from './schema.ts';

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
export function goPathText(steps: readonly Step[]): string {
  return steps
    .filter((step) => typeof step === 'object')
    .map(({ name, inlined }) => (inlined ? `${inlined}.${name}` : name))
    .join('.');
}

/** Go's name of the type of `field`, or of that of its elements, where it has one of its own. */
export function goTypeOf({ type, goType }: FieldDef, ref: TypeRef): string | undefined {
  if (goType === undefined || ref === type) return goType;
  const isElement = (type.kind === 'list' || type.kind === 'map') && type.of === ref;
  return isElement ? /^(?:\[\]|map\[[^\]]*\])(.*)$/.exec(goType)?.[1] : undefined;
}
