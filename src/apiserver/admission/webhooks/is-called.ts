/** Whether a webhook whose rules match a request is called: by its selectors, then by its match conditions. */

import { aggregateText } from '#api/go/aggregate.ts';
import { forbidden } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import { whenAnswered } from '../expressions/ask-authorizer.ts';
import type { ObjectViews } from '../objects/shown-objects.ts';
import type { Hook } from './hook.ts';
import type { HookParts } from './hook-parts.ts';
import type { MatchedHook } from './hook-source.ts';
import { isSelected } from './is-selected.ts';
import { type Evaluated, evaluateConditions } from './match-conditions.ts';
import type { HookPhase } from './webhook-metrics.ts';

/** Throws if it cannot be decided. A promise only where a condition calls a slow authorizer. */
export function isCalled(
  parts: HookParts,
  matched: MatchedHook,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  phase: HookPhase,
): boolean | Promise<boolean> {
  const { hook } = matched;
  if (!isSelected(hook, attributes, parts.reader)) return false;
  if (hook.conditions.length === 0) return true;
  const startedMs = parts.clock.monotonicMs();
  const settle = (evaluated: Evaluated) =>
    isLetThrough(parts, hook, attributes, { phase, startedMs }, evaluated);
  const evaluating = whenAnswered(() => evaluateConditions(parts.authorizer, matched, attributes, views));
  return evaluating instanceof Promise ? evaluating.then(settle) : settle(evaluating);
}

function isLetThrough(
  { metrics, clock }: HookParts,
  { name, failsOpen }: Hook,
  { operation, type, isNameDrawn, name: requested }: AdmissionAttributes,
  { phase, startedMs }: { readonly phase: HookPhase; readonly startedMs: number },
  { isMatch, errors, budgetError }: Evaluated,
): boolean {
  const call = { name, phase, operation };
  metrics.conditionsEvaluated(call, clock.monotonicMs() - startedMs, errors.length);
  if (isMatch === false || ((errors.length > 0 || budgetError) && failsOpen)) {
    metrics.conditionsExcluded(call);
    return false;
  }
  if (budgetError === undefined && errors.length === 0) return true;
  const why = budgetError ?? aggregateText(errors);
  throw forbidden(type, isNameDrawn ? '' : requested, why);
}
