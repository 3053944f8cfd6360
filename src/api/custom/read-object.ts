/** Decodes a custom object of a request or of the store by its structural schema. */

import type { JsonObject } from '#wire/json/value.ts';
import { LimitExceeded } from '#wire/json/values-limit.ts';
import { decodeEmbedded, decodeMetadata, dropWrongMetadata } from './object-metadata.ts';
import { prune } from './prune.ts';
import { dropRefusedNulls, setDefaults, tooManyDefaults } from './set-defaults.ts';
import type { StructuralSchema } from './structural-schema.ts';

/**
 * Changes `object` in place: metadata typed, unknown fields dropped, defaults set. Returns the paths of the
 * unknown fields. Throws `DecodeError`, and `LimitExceeded` for more defaults than a body has room for.
 */
export function readCustomObject(object: JsonObject, schema: StructuralSchema): string[] {
  const unknown = [...decodeMetadata(object), ...prune(object, schema)];
  dropRefusedNulls(object, schema);
  unknown.push(...decodeEmbedded(object, schema));
  if (!setDefaults(object, schema)) throw new LimitExceeded(tooManyDefaults);
  return unknown;
}

/**
 * As upstream reads stored objects: as above, but metadata fields that are no longer valid are dropped. Of more defaults
 * than a body has room for, which a later definition can bring, it is given the first ones: otherwise the object could
 * not be read, nor any list that it is in.
 */
export function readStoredObject(object: JsonObject, schema: StructuralSchema): void {
  dropWrongMetadata(object, schema);
  prune(object, schema);
  dropRefusedNulls(object, schema);
  setDefaults(object, schema);
}
