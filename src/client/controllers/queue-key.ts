/** Queue keys: `namespace/name`, or `name` for a cluster-scoped object. */

import type { KubeObject, Stored } from '#api/meta/object.ts';

export function keyOf(object: Stored<KubeObject>): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return slash === -1 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)];
}
