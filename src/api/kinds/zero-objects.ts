/**
 * What upstream's server writes of an object that nothing was set in, besides its metadata: the bookmarks of its watches
 * are such objects, and their rows are printed from them.
 */

import { emptyObject } from '../fields/empty-object.ts';
import type { AnyObject } from '../meta/object.ts';
import { apiVersionOf, groupResource } from '../meta/resource.ts';
import type { DescribedResource } from '../schema/schema.ts';

/** Their number of replicas is a pointer in v1 only: upstream converts from a type that has it by value. */
const withReplicas: ReadonlySet<string> = new Set([
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
]);

export function zeroObject({ def, schema }: DescribedResource): AnyObject {
  const { metadata: _, ...fields } = emptyObject(schema, def.type);
  const object = { kind: def.kind, apiVersion: apiVersionOf(def), ...fields };
  if (!withReplicas.has(groupResource(def))) return object as AnyObject;
  return { ...object, spec: { replicas: 0, ...(fields['spec'] as object) } } as AnyObject;
}
