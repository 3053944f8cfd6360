/** How far usage may be from its target, as a fraction, before replicas change: `tolerance` of the behavior, or 0.1. */

import type { HorizontalPodAutoscalerBehavior } from '#api/generated/types.gen.ts';
import { parseQuantity } from '#api/values/quantity.ts';

export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

const usual = 0.1;

export function tolerancesOf(behavior: HorizontalPodAutoscalerBehavior | undefined): Tolerances {
  return { up: toleranceOf(behavior?.scaleUp?.tolerance), down: toleranceOf(behavior?.scaleDown?.tolerance) };
}

function toleranceOf(given: string | undefined): number {
  return given === undefined ? usual : parseQuantity(given).toNumber();
}

/** `ratio`: usage divided by its target. */
export function isTolerable(ratio: number, { up, down }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}
