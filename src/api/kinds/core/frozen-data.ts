/** Rules that ConfigMaps and Secrets share: a size limit, and immutable data. */

import { deepEqual } from '../../schema/deep-equal.ts';
import { type FieldError, forbiddenField } from '../../validation/field-error.ts';

export const dataMaxBytes = 1024 * 1024;

export function base64ByteLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}

const frozenText = 'field is immutable when `immutable` is set';

/** Once `immutable` is true, neither it nor the data can change. */
export function validateFrozen<T extends { immutable?: boolean }>(
  now: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return [];
  const errors = now.immutable ? [] : [forbiddenField('immutable', frozenText)];
  for (const field of fields) {
    const [left, right] = [now[field] ?? {}, old[field] ?? {}];
    if (!deepEqual(left, right)) errors.push(forbiddenField(field, frozenText));
  }
  return errors;
}
