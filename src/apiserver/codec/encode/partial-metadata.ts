/** An object reduced to its metadata. */

import type { AnyObject } from '#api/meta/object.ts';
import type { MetaVersion } from './negotiate.ts';

export function partialMetadata(object: AnyObject, version: MetaVersion): AnyObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata ?? {},
  };
}
