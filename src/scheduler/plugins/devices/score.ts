/** How good the alternatives are that an allocation has taken: the first of a list is the best. */

import { subRequestReference } from '#api/devices/requests.ts';
import type { AllocationResult, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';

/** A list has so many alternatives at most. */
const alternativesMax = 8;

/** Of one claim; upstream's computeScore. */
export function scoreOf({ spec }: ResourceV1ResourceClaim, { devices }: AllocationResult): number {
  const taken = new Set((devices?.results ?? []).map(({ request }) => request));
  let score = 0;
  for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    if (exactly) continue;
    for (const [i, alternative] of firstAvailable.entries()) {
      if (taken.has(subRequestReference(name, alternative.name))) score += alternativesMax - i;
    }
  }
  return score;
}
