/** The environment of `x-kubernetes-validations`: `self` and `oldSelf`. */

import type { Environment } from '../declarations/environment.ts';
import { type CelType, optionalType } from '../types/type.ts';
import { baseEnvironment } from './base.ts';

export interface RuleOptions {
  /** `optionalOldSelf` of the rule: `oldSelf` is an optional, so that the rule is evaluated for new values too. */
  readonly hasOptionalOldSelf?: boolean;
}

export function ruleEnvironment(
  type: CelType,
  { hasOptionalOldSelf = false }: RuleOptions = {},
): Environment {
  const oldSelf = hasOptionalOldSelf ? optionalType(type) : type;
  return baseEnvironment().with({ self: type, oldSelf }, objectTypes(type));
}

/** The object types within a type, which expressions can name. */
function objectTypes(type: CelType): CelType[] {
  const parts =
    type.kind === 'struct' ? Array.from(type.fields ?? [], ([, field]) => field.type) : type.parameters;
  return [...(type.kind === 'struct' ? [type] : []), ...parts.flatMap(objectTypes)];
}
