/** The hash in the name of a StatefulSet's revision: of the stored bytes and the number of collisions. */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';
import { goJson } from '#base/text/go-json.ts';
import { dataOf } from './controller-revisions.ts';
import { fnv1, safeEncode } from './template-hash.ts';

export function revisionHash(template: PodTemplateSpec, collisionCount = 0): string {
  return safeEncode(String(fnv1(goJson(dataOf(template)) + collisionCount)));
}
