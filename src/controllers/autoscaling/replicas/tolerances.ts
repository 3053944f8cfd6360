/** How far usage may be from its target, as a fraction, before replicas change: `tolerance` of the behavior, or `usual`. */

import type { HorizontalPodAutoscalerBehavior } from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';

export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export function tolerancesOf(
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  usual: number,
): Tolerances {
  return {
    up: toleranceOf(behavior?.scaleUp?.tolerance, usual),
    down: toleranceOf(behavior?.scaleDown?.tolerance, usual),
  };
}

function toleranceOf(given: string | undefined, usual: number): number {
  return given === undefined ? usual : parseQuantity(given).toNumber();
}

/** `ratio`: usage divided by its target. */
export function isTolerable(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}
