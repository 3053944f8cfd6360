/**
 * The hash that names a StatefulSet's revision: of the very bytes that are stored, and how often a name was
 * taken.
 */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';
import { goJson } from '#base/text/go-json.ts';
import { dataOf } from './controller-revisions.ts';
import { fnv32, safeEncode } from './template-hash.ts';

export function revisionHash(template: PodTemplateSpec, collisionCount = 0): string {
  return safeEncode(String(fnv32(goJson(dataOf(template)) + collisionCount)));
}
