/** Namespace: carries its name as a label, is Active, and is emptied before it goes. */

import type { Strategy } from '../strategy.ts';
import type { Namespace } from '../types.gen.ts';

export const namespace: Strategy<Namespace> = {
  hasGeneration: false,
  setDefaults(namespace) {
    const name = namespace.metadata?.name;
    if (name) {
      namespace.metadata!.labels ??= {};
      namespace.metadata!.labels['kubernetes.io/metadata.name'] ??= name;
    }
    namespace.status ??= {};
    namespace.status.phase ||= 'Active';
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' };
    namespace.spec ??= {};
    namespace.spec.finalizers ??= [];
    const finalizers = namespace.spec.finalizers;
    if (!finalizers.includes('kubernetes')) finalizers.push('kubernetes');
  },
  /** Finalizers change through `/finalize` alone. */
  prepareForUpdate(namespace, old) {
    namespace.spec = structuredClone(old.spec ?? {});
    namespace.status = structuredClone(old.status ?? {});
  },
  selectableFields(namespace) {
    return { 'status.phase': namespace.status?.phase ?? '', name: namespace.metadata?.name ?? '' };
  },
};
