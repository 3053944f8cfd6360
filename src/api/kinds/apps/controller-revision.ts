/** ControllerRevision: a past template; its data never changes. */

import { controllerRevisions } from '../../generated/kinds.gen.ts';
import type { ControllerRevision } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { checkImmutable, checkNonNegative } from '../../validation/field-checks.ts';
import { type FieldError, required } from '../../validation/field-error.ts';

export const controllerRevision = defineKind(controllerRevisions, {
  hasGeneration: false,
  validate: (revision) => [...validateRevision(revision), ...validateData(revision.data)],
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [...validateRevision(now), ...checkImmutable('data', now.data, old.data)],
  printer: {
    columns: [nameColumn, column('Controller'), column('Revision'), ageColumn],
    cells: (revision, now) => [
      nameOf(revision),
      controllerName(revision),
      revision.revision,
      ageOf(revision, now),
    ],
  },
});

function controllerName(revision: ControllerRevision): string {
  const owner = revision.metadata?.ownerReferences?.find((ref) => ref.controller);
  if (!owner) return none;
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

function validateRevision({ revision }: ControllerRevision): FieldError[] {
  return checkNonNegative('revision', revision);
}

/** Of a new one only. */
function validateData(data: unknown): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  const isObject = typeof data === 'object' && !Array.isArray(data);
  return isObject ? [] : [required('data', 'data must be a valid JSON object')];
}
