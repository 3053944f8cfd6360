/** ResourceClaimTemplate: a claim is created from it for each pod. */

import { resourceClaimTemplates } from '../../generated/kinds.gen.ts';
import type { ResourceClaimTemplate } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import type { FieldError } from '../../validation/field-error.ts';
import { validateTemplateMetadata } from '../pods/validation/volumes/volumes.ts';
import { setClaimDefaults } from './defaults.ts';
import { checkDeviceClaim, compileClaimSelectors } from './device-claim.ts';
import { checkFixed } from './fixed-spec.ts';

export const resourceClaimTemplate = defineKind(resourceClaimTemplates, {
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  setDefaults: ({ spec }) => setClaimDefaults(spec.spec.devices),
  validateAhead: ({ spec }) => compileClaimSelectors(spec.spec.devices),
  validate: validateTemplate,
  validateUpdate: ({ spec }, old) => checkFixed(spec, old.spec, 'ResourceClaimTemplateSpec'),
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (template, now) => [nameOf(template), ageOf(template, now)],
  },
});

function validateTemplate({ spec: { metadata, spec } }: ResourceClaimTemplate): FieldError[] {
  return [
    ...validateTemplateMetadata(metadata, 'spec.metadata'),
    ...checkDeviceClaim(spec.devices, 'spec.spec.devices'),
  ];
}
