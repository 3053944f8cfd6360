/** Whether a webhook whose rules mean a request is asked about it: by selectors, then by match conditions. */

import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { HookParts } from './hook-parts.ts';
import type { MetHook } from './hook-source.ts';
import { isSelected } from './is-selected.ts';
import type { ObjectViews } from './shown-objects.ts';
import type { HookPhase } from './webhook-metrics.ts';

/** Throws where it cannot be said. */
export function isCalled(
  { reader }: HookParts,
  { hook }: MetHook,
  attributes: AdmissionAttributes,
  _views: ObjectViews,
  _phase: HookPhase,
): boolean {
  return isSelected(hook, attributes, reader);
}
