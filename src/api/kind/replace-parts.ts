/** What a write to a subresource leaves of an object: the old one, with the parts that the subresource may change. */

import type { KubeObject } from '../meta/object.ts';

/** Makes `object` the old one with `parts`. The metadata is the old one too, or that which was asked for. */
export function replaceParts<T extends KubeObject>(
  object: T,
  old: T,
  parts: Partial<T>,
  takesMetadata = false,
): void {
  const { metadata = {} } = object;
  const kept = {
    ...old.metadata,
    resourceVersion: metadata.resourceVersion ?? old.metadata?.resourceVersion,
  };
  for (const key of Object.keys(object)) delete object[key as keyof T];
  Object.assign(object, old, parts, { metadata: takesMetadata ? metadata : kept });
  for (const [key, value] of Object.entries(parts)) if (value === undefined) delete object[key as keyof T];
}
