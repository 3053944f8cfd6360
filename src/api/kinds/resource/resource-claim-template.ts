/** ResourceClaimTemplate: a claim is created from it for each pod. */

import { resourceClaimTemplates } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, nameColumn } from '../../kind/printer.ts';
import { withoutDevices } from '../../kind/unbuilt.ts';

export const resourceClaimTemplate = defineKind(resourceClaimTemplates, {
  updateChecks: ['metadata', 'object', 'metadataChange'],
  unbuilt: withoutDevices,
  printer: {
    columns: [nameColumn, ageColumn],
    cells: (template, now) => [nameOf(template), ageOf(template, now)],
  },
});
