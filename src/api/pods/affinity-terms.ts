/** The terms of affinity between pods, hard and soft alike, and the long names they go by. */

import type { Affinity, PodAffinityTerm } from '../generated/types.gen.ts';

export const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
export const soft = 'preferredDuringSchedulingIgnoredDuringExecution';

export function podAffinityTerms(affinity: Affinity | undefined): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.[hard] ?? []),
    ...(one?.[soft] ?? []).flatMap((weighted) => weighted.podAffinityTerm ?? []),
  ]);
}
