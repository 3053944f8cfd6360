/** Where objects lie in the store: the layout kube-apiserver uses in etcd. */

import type { Kind } from '#api/kind/define-kind.ts';

const root = '/registry';

/** `/registry/pods/`. */
export function prefixOf({
  type,
  storageFolder = type.resource,
}: Pick<Kind, 'type' | 'storageFolder'>): string {
  return `${root}/${storageFolder}/`;
}

/** `/registry/pods/default/web`; cluster-scoped objects have no namespace. */
export function objectKey(prefix: string, namespace: string, name: string): string {
  return namespace === '' ? `${prefix}${name}` : `${prefix}${namespace}/${name}`;
}
