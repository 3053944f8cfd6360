/** The Scale of a custom object, by the paths in its definition. */

import type { CustomResourceSubresourceScale } from '../generated/types.gen.ts';
import type { ScaleRules } from '../kind/scale.ts';
import type { AnyObject } from '../meta/object.ts';
import { type FieldError, invalidValue } from '../validation/field-error.ts';
import { maxInt32 } from '../validation/validators.ts';

export type ScalePaths = CustomResourceSubresourceScale;

export function scaleRules(scale: ScalePaths): ScaleRules {
  const { labelSelectorPath } = scale;
  return {
    specReplicasPath: stepsOf(scale.specReplicasPath),
    statusReplicasPath: stepsOf(scale.statusReplicasPath),
    specReplicasField: scale.specReplicasPath,
    selector: (object) => {
      const text = labelSelectorPath && valueAt(object as AnyObject, labelSelectorPath);
      return typeof text === 'string' ? text : '';
    },
  };
}

export function scaleSpecErrors(object: AnyObject, { specReplicasPath }: ScalePaths): FieldError[] {
  return replicasErrors(object, specReplicasPath);
}

export function scaleStatusErrors(
  object: AnyObject,
  { statusReplicasPath, labelSelectorPath }: ScalePaths,
): FieldError[] {
  const errors = replicasErrors(object, statusReplicasPath);
  if (!labelSelectorPath) return errors;
  const selector = valueAt(object, labelSelectorPath);
  if (selector === undefined || typeof selector === 'string') return errors;
  return [...errors, invalidValue(labelSelectorPath, '', wrongType(labelSelectorPath, selector, 'string'))];
}

function replicasErrors(object: AnyObject, path: string): FieldError[] {
  const replicas = valueAt(object, path);
  if (replicas === undefined) return [];
  if (!Number.isInteger(replicas)) return [invalidValue(path, 0, wrongType(path, replicas, 'int64'))];
  if ((replicas as number) < 0) return [invalidValue(path, replicas, 'should be a non-negative integer')];
  if ((replicas as number) <= maxInt32) return [];
  return [invalidValue(path, replicas, `should be less than or equal to ${maxInt32}`)];
}

/** The message of apimachinery's unstructured helpers. */
function wrongType(path: string, value: unknown, expected: string): string {
  const goTypes: Record<string, string> = { number: 'float64', boolean: 'bool', string: 'string' };
  const ofObject = Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  const found = value === null ? '<nil>' : (goTypes[typeof value] ?? ofObject);
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const field = `.${stepsOf(path).join('.')}`;
  return `${field} accessor error: ${shown} is of the type ${found}, expected ${expected}`;
}

/** `.spec.replicas`: field names only. */
function stepsOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}

function valueAt(object: AnyObject, path: string): unknown {
  return stepsOf(path).reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as AnyObject)[step] : undefined,
    object,
  );
}
