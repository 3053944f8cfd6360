/** The annotation preferAvoidPods, which has no effect any more but is still validated, as upstream does. */

import { goJsonError } from '#wire/json/error.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';

const avoidedPods = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

export function validateNodeAnnotations(annotations: Record<string, string> = {}): FieldError[] {
  const text = annotations[avoidedPods];
  if (!text) return [];
  const problem = goJsonError(text) ?? objectProblem(JSON.parse(text));
  // Upstream shows the name of the annotation where the value would be.
  if (problem) return [invalidValue('metadata.annotations.AvoidPods', avoidedPods, problem)];
  const { preferAvoidPods } = (JSON.parse(text) ?? {}) as { preferAvoidPods?: unknown };
  const entries = Array.isArray(preferAvoidPods) ? preferAvoidPods : [];
  return entries.flatMap((entry, i) => validateEntry(entry, `metadata.annotations.${avoidedPods}[${i}]`));
}

function objectProblem(value: unknown): string | undefined {
  if (value === null || isJsonObject(value)) return undefined;
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type v1.AvoidPods`;
}

function validateEntry(entry: JsonObject | null, path: string): FieldError[] {
  const signature = entry?.['podSignature'] as { podController?: { controller?: boolean } } | undefined;
  const owner = signature?.podController;
  if (!owner) return [required(`${path}.PodSignature`)];
  if (owner.controller) return [];
  const field = `${path}.PodSignature.PodController.Controller`;
  return [invalidValue(field, false, 'must point to a controller')];
}
