/** The terms of inter-pod affinity, required and preferred, with their field paths. */

import type { Affinity, PodAffinityTerm } from '../generated/types.gen.ts';

export const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
export const soft = 'preferredDuringSchedulingIgnoredDuringExecution';

export function podAffinityTerms(affinity: Affinity | undefined): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((kind) => [
    ...(kind?.[hard] ?? []),
    ...(kind?.[soft] ?? []).flatMap((weighted) => weighted.podAffinityTerm ?? []),
  ]);
}
