/** The value of `Object.spec{replicas: 3}`: a part of an object, with fields of any name. */

import { type CelField, type CelType, dynType, objectType } from '../../types/type.ts';
import { equalValues, OpaqueValue } from '../../values/equal.ts';
import { ListValue } from '../../values/list.ts';
import { MapValue } from '../../values/map.ts';
import type { Value } from '../../values/value.ts';

/** The name of the root; a type below it is named by the path of its fields: `Object.spec.template`. */
const rootName = 'Object';

/** Every name is a field: without a schema its value may be anything. */
class AnyFields extends Map<string, CelField> {
  override get(jsonName: string): CelField {
    return { jsonName, type: dynType };
  }
}

const anyFields = new AnyFields();

export const patchObjectType: CelType = objectType(rootName, anyFields);

export function findObjectType(name: string): CelType | undefined {
  if (name === rootName) return patchObjectType;
  return name.startsWith(`${rootName}.`) ? objectType(name, anyFields) : undefined;
}

export class PatchObject extends OpaqueValue {
  readonly type: CelType;
  readonly fields: ReadonlyMap<string, Value>;

  constructor(type: CelType, fields: ReadonlyMap<string, Value>) {
    super();
    this.type = type;
    this.fields = fields;
  }

  override select(key: Value): Value | undefined {
    return typeof key === 'string' ? this.fields.get(key) : undefined;
  }

  equals(other: Value): boolean {
    if (!(other instanceof PatchObject) || other.type.name !== this.type.name) return false;
    if (other.fields.size !== this.fields.size) return false;
    return [...this.fields].every(([name, value]) => {
      const theirs = other.fields.get(name);
      return theirs !== undefined && equalValues(value, theirs) === true;
    });
  }
}

/**
 * Upstream's messages for types whose names are not the path of their field, as in
 * `Object.spec{selector: Object.spec.wrong{}}`.
 */
export function misplacedTypes(value: Value, path: string): string[] {
  if (value instanceof PatchObject) {
    const { name } = value.type;
    const below = [...value.fields].flatMap(([field, each]) => misplacedTypes(each, `${path}.${field}`));
    if (name === path) return below;
    const wanted = `expected ${JSON.stringify(path)}, which matches field name path from root Object type`;
    return [`unexpected type name ${JSON.stringify(name)}, ${wanted}`, ...below];
  }
  if (value instanceof ListValue) return value.values().flatMap((each) => misplacedTypes(each, path));
  if (!(value instanceof MapValue)) return [];
  return value.keys().flatMap((key) => misplacedTypes(value.find(key) ?? null, path));
}
