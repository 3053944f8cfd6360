/** A named format, such as that of DNS labels, by which strings are validated. */

import { type CelType, objectType } from '../../types/type.ts';
import { OpaqueValue } from '../../values/equal.ts';
import type { Value } from '../../values/value.ts';

export const formatType: CelType = objectType('kubernetes.NamedFormat', new Map());

export class FormatValue extends OpaqueValue {
  readonly type = formatType;
  readonly name: string;
  /** The length of a regular expression that would check it, for the cost. */
  readonly regexSizeMax: number;
  /** The messages about a text; none when it has the format. */
  readonly validate: (text: string) => readonly string[];

  constructor(name: string, regexSizeMax: number, validate: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.regexSizeMax = regexSizeMax;
    this.validate = validate;
  }

  equals(other: Value): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}
