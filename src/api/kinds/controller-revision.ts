/** ControllerRevision: a template as it once was; its data never changes. */

import { checkImmutable, checkNonNegative } from '../field-checks.ts';
import { type FieldError, required } from '../field-error.ts';
import type { Strategy } from '../strategy.ts';
import type { ControllerRevision } from '../types.gen.ts';

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
