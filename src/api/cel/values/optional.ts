/** `optional.of(x)` and `optional.none()`. */

import { type CelType, opaqueType } from '../types/type.ts';
import { ErrorValue, ObjectValue, type Value } from './value.ts';

const type = opaqueType('optional_type');

export class Optional extends ObjectValue {
  readonly type: CelType = type;
  readonly value: Value | undefined;

  constructor(value?: Value) {
    super();
    this.value = value;
  }
}

export const none = new Optional();

const dereferenced = new ErrorValue('optional.none() dereference');

export const valueOfOptional = (optional: Optional): Value =>
  optional.value ?? dereferencedUnlessNull(optional);

/** An optional can hold null; undefined means no value. */
const dereferencedUnlessNull = (optional: Optional): Value => (optional.value === null ? null : dereferenced);
