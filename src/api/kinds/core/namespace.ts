/** Namespace: carries its name as a label, is Active, and is emptied before it goes. */

import type { Namespace } from '../../generated/types.gen.ts';
import { validateStandardFinalizer } from '../../meta/validation.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import type { Strategy } from '../shared/strategy.ts';

export const namespace: Strategy<Namespace> = {
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
  /** Finalizers change through `/finalize` alone. */
  prepareForUpdate(namespace, old) {
    namespace.spec = structuredClone(old.spec ?? {});
    namespace.status = structuredClone(old.status ?? {});
  },
  validate: (namespace) => validateFinalizers(namespace, false),
  validateUpdate: () => [],
  validateStatusUpdate: (namespace) => {
    const phase = namespace.status?.phase ?? '';
    const isDeleted = namespace.metadata?.deletionTimestamp !== undefined;
    const expected = isDeleted ? 'Terminating' : 'Active';
    if (phase === expected) return [];
    const text = `may only be '${expected}' if \`deletionTimestamp\` is ${isDeleted ? 'not ' : ''}empty`;
    return [invalidValue('status.Phase', phase, text)];
  },
  validateSubresourceUpdate(subresource, namespace) {
    return subresource === 'finalize' ? validateFinalizers(namespace, true) : undefined;
  },
  selectableFields(namespace) {
    return { 'status.phase': namespace.status?.phase ?? '' };
  },
};

/** Upstream names the place of a wrong one only in writes to `finalize`. */
function validateFinalizers(namespace: Namespace, withIndex: boolean): FieldError[] {
  return (namespace.spec?.finalizers ?? []).flatMap((name, i) => {
    const at = withIndex ? `spec.finalizers[${i}]` : 'spec.finalizers';
    return [...checkField(at, name, qualifiedName), ...validateStandardFinalizer(name, at)];
  });
}
