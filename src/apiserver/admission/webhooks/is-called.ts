/** Whether a webhook whose rules mean a request is asked about it: by selectors, then by match conditions. */

import { forbidden } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { HookParts } from './hook-parts.ts';
import type { MetHook } from './hook-source.ts';
import { isSelected } from './is-selected.ts';
import { evaluateConditions } from './match-conditions.ts';
import type { ObjectViews } from './shown-objects.ts';
import type { HookPhase } from './webhook-metrics.ts';

/** Throws where it cannot be said. */
export function isCalled(
  parts: HookParts,
  met: MetHook,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  phase: HookPhase,
): boolean {
  const { hook } = met;
  if (!isSelected(hook, attributes, parts.reader)) return false;
  if (hook.conditions.length === 0) return true;
  const call = { name: hook.name, phase, operation: attributes.operation };
  const startedMs = parts.clock.monotonicMs();
  const { isMatch, errors, budgetError } = evaluateConditions(parts.authorizer, met, attributes, views);
  parts.metrics.conditionsEvaluated(call, parts.clock.monotonicMs() - startedMs, errors.length);
  if (isMatch === false || ((errors.length > 0 || budgetError) && hook.failsOpen)) {
    parts.metrics.conditionsExcluded(call);
    return false;
  }
  const why = budgetError ?? together(errors);
  if (why === undefined) return true;
  throw forbidden(attributes.type, attributes.isNameDrawn ? '' : attributes.name, why);
}

/** As Go prints several errors: each once, in brackets where there is more than one. */
function together(errors: readonly string[]): string | undefined {
  const different = [...new Set(errors)];
  return different.length > 1 ? `[${different.join(', ')}]` : different[0];
}
