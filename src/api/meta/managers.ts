/** Names of those who own fields of objects: how long they are, and what they are made of. */

import { type FieldError, invalidValue, tooLong } from '../validation/field-error.ts';
import { byteLength } from '../validation/validators.ts';
import type { ManagedFieldsEntry } from './object.ts';

const managerBytesMax = 128;
const subresourceBytesMax = 256;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

export function validateManager(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(manager) > managerBytesMax) errors.push(tooLong(path, managerBytesMax));
  if (!unprintable.test(manager)) return errors;
  let at = 0;
  for (const character of manager) {
    if (unprintable.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalidValue(path, manager, `invalid character U+${code} (at position ${at})`));
    }
    at += byteLength(character);
  }
  return errors;
}

/** As much of a text as a name may have. */
export function managerOfText(text: string): string {
  let name = '';
  let bytes = 0;
  for (const character of text) {
    if (unprintable.test(character)) continue;
    bytes += byteLength(character);
    if (bytes > managerBytesMax) break;
    name += character;
  }
  return name;
}

/** Entries whose other fields are wrong are not taken over from a client. */
export function validateManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: string,
): FieldError[] {
  return (entries ?? []).flatMap(({ manager = '', subresource = '' }, i) => [
    ...validateManager(manager, `${path}[${i}].manager`),
    ...(byteLength(subresource) > subresourceBytesMax
      ? [tooLong(`${path}[${i}].subresource`, subresourceBytesMax)]
      : []),
  ]);
}
