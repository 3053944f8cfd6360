/** Whether a pod tolerates a taint. */

import type { Taint, Toleration } from '../generated/types.gen.ts';

export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) if (toleratesTaint(toleration, taint)) return true;
  return false;
}

/** Whether every taint with one of these effects is tolerated. */
export function toleratesEffects(
  tolerations: readonly Toleration[],
  taints: readonly Taint[] | undefined,
  effects: readonly string[],
): boolean {
  for (const taint of taints ?? []) {
    if (effects.includes(taint.effect) && !tolerates(tolerations, taint)) return false;
  }
  return true;
}

/**
 * An empty effect matches every effect, an empty key every key. Lt and Gt belong to a disabled feature: they
 * match nothing.
 */
export function toleratesTaint({ effect, key, operator, value }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || 'Equal') {
    case 'Equal':
      return (value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}
