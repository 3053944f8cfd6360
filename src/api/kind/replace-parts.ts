/** Restricts a write to a subresource to the parts that it may change; the rest comes from the old object. */

import type { KubeObject } from '../meta/object.ts';

/**
 * Makes `object` the old object with its own `parts`. The metadata is the old object's too, or as requested.
 */
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
