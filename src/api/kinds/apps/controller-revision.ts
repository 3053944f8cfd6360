/** ControllerRevision: a template as it once was; its data never changes. */

import type { ControllerRevision } from '../../generated/types.gen.ts';
import { checkImmutable, checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, required } from '../../validation/field-error.ts';
import type { Strategy } from '../shared/strategy.ts';

export const controllerRevision: Strategy<ControllerRevision> = {
  hasGeneration: false,
  validate: validateRevision,
  validateUpdate: (now, old) => [...validateRevision(now), ...checkImmutable('data', now.data, old.data)],
};

function validateRevision(revision: ControllerRevision): FieldError[] {
  const data = revision.data === undefined || revision.data === null;
  return [
    ...(data ? [required('data', 'data is mandatory')] : []),
    ...checkNonNegative('revision', revision.revision),
  ];
}
