/** Namespace: labelled with its name, Active, and emptied before it is removed. */

import { copyJson } from '#base/copy-json.ts';
import { namespaces } from '../../generated/kinds.gen.ts';
import type { Namespace } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { replaceParts } from '../../kind/replace-parts.ts';
import { validateStandardFinalizer } from '../../meta/validation.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { dns1123Label, qualifiedName } from '../../validation/validators.ts';

export const namespace = defineKind(namespaces, {
  hasGeneration: false,
  setDefaults(namespace) {
    const name = namespace.metadata?.name;
    if (name) {
      namespace.metadata!.labels ??= {};
      namespace.metadata!.labels['kubernetes.io/metadata.name'] = name;
    }
    namespace.status ??= {};
    namespace.status.phase ||= 'Active';
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec ??= {};
    namespace.spec.finalizers ??= [];
    if (!namespace.spec.finalizers.includes('kubernetes')) namespace.spec.finalizers.push('kubernetes');
  },
  /** Finalizers change through `/finalize` only. */
  prepareForUpdate(namespace, old) {
    namespace.spec = copyJson(old.spec ?? {});
    namespace.status = copyJson(old.status ?? {});
  },
  validate: (namespace) => validateFinalizers(namespace, false),
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: () => [],
  validateStatusUpdate: (namespace) => {
    const phase = namespace.status?.phase ?? '';
    const isDeleted = namespace.metadata?.deletionTimestamp !== undefined;
    const expected = isDeleted ? 'Terminating' : 'Active';
    if (phase === expected) return [];
    const text = `may only be '${expected}' if \`deletionTimestamp\` is ${isDeleted ? 'not ' : ''}empty`;
    return [invalidValue('status.Phase', phase, text)];
  },
  subresources: {
    finalize: {
      prepareForUpdate(namespace, old) {
        const { finalizers: _, ...spec } = old.spec ?? {};
        const { finalizers = [] } = namespace.spec ?? {};
        // An empty list is not written.
        const changed = finalizers.length > 0 ? { ...spec, finalizers } : spec;
        replaceParts(namespace, old, { spec: changed }, true);
      },
      validateUpdate: (namespace) => validateFinalizers(namespace, true),
    },
  },
  selectableFields(namespace) {
    return { 'status.phase': namespace.status?.phase ?? '' };
  },
  nameRule: dns1123Label,
  hasOwnFinalizers: ({ spec }) => (spec?.finalizers ?? []).length > 0,
  markTerminating(namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
  keepsSpec: true,
  resetFields: { finalize: ['status'] },
  printer: {
    columns: [nameColumn, column('Status'), ageColumn],
    cells: (namespace, now) => [nameOf(namespace), namespace.status?.phase ?? '', ageOf(namespace, now)],
  },
});

/** Upstream reports the index of an invalid one only for writes to `finalize`. */
function validateFinalizers(namespace: Namespace, withIndex: boolean): FieldError[] {
  return (namespace.spec?.finalizers ?? []).flatMap((name, i) => {
    const at = withIndex ? `spec.finalizers[${i}]` : 'spec.finalizers';
    return [...checkField(at, name, qualifiedName), ...validateStandardFinalizer(name, at)];
  });
}
