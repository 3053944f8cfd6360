/** Which taints a pod puts up with. */

import type { Taint, Toleration } from '../generated/types.gen.ts';

export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) if (toleratesTaint(toleration, taint)) return true;
  return false;
}

/** An empty effect means every effect, an empty key with Exists every key. */
function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || 'Equal') {
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '') && !!toleration.key;
    case 'Exists':
      return true;
    default:
      return false;
  }
}
