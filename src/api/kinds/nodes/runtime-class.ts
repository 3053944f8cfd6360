/** RuntimeClass: the runtime handler of a pod; the handler is immutable. */

import { runtimeClasses } from '../../generated/kinds.gen.ts';
import type { RuntimeClass, Toleration } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { validateLabels } from '../../meta/validation.ts';
import { checkField, checkImmutable } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, required } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { repeats } from '../../validation/repeats.ts';
import { dns1123Label } from '../../validation/validators.ts';
import { validateContainerResources } from '../pods/validation/resources/resources.ts';
import { validateTolerations } from '../pods/validation/scheduling/scheduling.ts';

export const runtimeClass = defineKind(runtimeClasses, {
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  allowCreateOnUpdate: true,
  validate: validateRuntimeClass,
  takesPlainFinalizers: true,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => checkImmutable('handler', now.handler, old.handler),
  printer: {
    columns: [nameColumn, column('Handler'), ageColumn],
    cells: (runtimeClass, now) => [nameOf(runtimeClass), runtimeClass.handler, ageOf(runtimeClass, now)],
  },
});

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...(handler ? checkField('handler', handler, dns1123Label) : [required('handler')]),
    ...validateContainerResources({ limits: overhead?.podFixed }, new Set(), 'overhead'),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations, 'scheduling.tolerations'),
    ...validateUnique(scheduling?.tolerations ?? []),
  ];
}

function validateUnique(tolerations: readonly Toleration[]): FieldError[] {
  const keys = tolerations.map(({ key, operator, value, effect }) =>
    JSON.stringify([key ?? '', operator ?? '', value ?? '', effect ?? '']),
  );
  return repeats(keys).flatMap((isRepeated, i) =>
    isRepeated ? [duplicate(`scheduling.tolerations[${i}]`, internalText(tolerations[i], 'Toleration'))] : [],
  );
}
