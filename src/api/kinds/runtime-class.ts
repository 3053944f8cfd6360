/** RuntimeClass: which handler of the runtime runs a pod; the handler never changes. */

import { checkField, checkImmutable } from '../field-checks.ts';
import type { FieldError } from '../field-error.ts';
import { validateLabels } from '../meta-validation.ts';
import { validateContainerResources } from '../pod-validation/resources.ts';
import { validateTolerations } from '../pod-validation/scheduling.ts';
import type { Strategy } from '../strategy.ts';
import type { RuntimeClass } from '../types.gen.ts';
import { dns1123Label } from '../validators.ts';

export const runtimeClass: Strategy<RuntimeClass> = {
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  validate: validateRuntimeClass,
  validateUpdate: (now, old) => [
    ...checkImmutable('handler', now.handler, old.handler),
    ...validateRuntimeClass(now),
  ],
};

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...checkField('handler', handler ?? '', dns1123Label),
    ...validateContainerResources({ limits: overhead?.podFixed }, new Set(), 'overhead.podFixed'),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations, 'scheduling.tolerations'),
  ];
}
