/** What the namespace of an object says by annotation to an admission plugin. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import { ownValue } from '#base/own-value.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';

/** Undefined without the annotation, or without the namespace. */
export function namespaceAnnotation(
  reader: ObjectReader,
  namespace: string,
  annotation: string,
): string | undefined {
  const annotations = reader.get(namespaces, '', namespace)?.metadata?.annotations;
  return annotations && ownValue(annotations, annotation);
}
