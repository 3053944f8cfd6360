/** Validates the printer columns and the subresources of a version. */

import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
} from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function validateColumn(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const { name, type, format, jsonPath } = column;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  const ofTypes = `must be one of ${columnTypes.join(',')}`;
  if (!type) errors.push(required(`${path}.type`, ofTypes));
  else if (!columnTypes.includes(type)) errors.push(invalidValue(`${path}.type`, type, ofTypes));
  if (format && !columnFormats.includes(format)) {
    errors.push(invalidValue(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`));
  }
  if (!jsonPath) return [...errors, required(`${path}.JSONPath`)];
  return [...errors, ...validatePath(jsonPath, `${path}.JSONPath`)];
}

export function validateSubresources({ scale }: CustomResourceSubresources, path: string): FieldError[] {
  if (!scale) return [];
  const errors = [
    ...validateReplicas(scale.specReplicasPath, '.spec', `${path}.scale.specReplicasPath`),
    ...validateReplicas(scale.statusReplicasPath, '.status', `${path}.scale.statusReplicasPath`),
  ];
  const { labelSelectorPath: selector } = scale;
  if (!selector) return errors;
  const at = `${path}.scale.labelSelectorPath`;
  const wrong = validatePath(selector, at);
  if (wrong.length === 0 && !/^\.(?:spec|status)\./.test(selector)) {
    wrong.push(invalidValue(at, selector, 'should be a json path under either .spec or .status'));
  }
  return [...errors, ...wrong];
}

function validateReplicas(path: string | undefined, below: string, at: string): FieldError[] {
  if (!path) return [required(at)];
  const wrong = validatePath(path, at);
  if (wrong.length > 0 || path.startsWith(`${below}.`)) return wrong;
  return [invalidValue(at, path, `should be a json path under ${below}`)];
}

function validatePath(path: string, at: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalidValue(at, path, 'must be a simple json path starting with .')];
}
