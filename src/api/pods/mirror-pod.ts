/** The annotation by which a pod of the API is the mirror of a static pod: its value is the static pod's uid. */

import type { Pod } from '../generated/types.gen.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';

export function isMirrorPod({ metadata }: Pick<Pod, 'metadata'>): boolean {
  return metadata?.annotations?.[mirrorAnnotation] !== undefined;
}
