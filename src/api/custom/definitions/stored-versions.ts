/** Validates status.storedVersions: it names every version in which objects may be stored. */

import type { CustomResourceDefinitionVersion } from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';

const path = 'status.storedVersions';

export function validateStoredVersions(
  stored: readonly string[],
  versions: readonly CustomResourceDefinitionVersion[],
): FieldError[] {
  if (stored.length === 0) {
    return [invalidValue(path, new GoText('null'), 'must have at least one stored version')];
  }
  const missing = new Map(stored.map((version, i) => [version, i]));
  const errors: FieldError[] = [];
  for (const { storage, name = '' } of versions) {
    // As upstream, which complains of a second version of the same name.
    if (!missing.delete(name) && storage) {
      errors.push(invalidValue(path, stored, `must have the storage version ${name}`));
    }
  }
  for (const [version, i] of missing) {
    const text = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
    errors.push(invalidValue(`${path}[${i}]`, version, text));
  }
  return errors;
}
