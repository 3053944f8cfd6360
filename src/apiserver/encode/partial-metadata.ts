/** An object reduced to its metadata. */

import type { AnyObject } from '#api/object.ts';

export function partialMetadata(object: AnyObject): AnyObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata ?? {} };
}
