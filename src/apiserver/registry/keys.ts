/** Where objects lie in the store: the layout kube-apiserver uses in etcd. */

const root = '/registry';

/** Resources whose folder is not called as they are. */
const specialFolders: Readonly<Record<string, string>> = {
  '/replicationcontrollers': 'controllers',
  '/endpoints': 'services/endpoints',
  '/services': 'services/specs',
  '/nodes': 'minions',
  'networking.k8s.io/ingresses': 'ingress',
};

/** Groups served by the extension servers, which put the group first. */
const groupedFolders = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** `/registry/pods/`. */
export function resourcePrefix(group: string, resource: string): string {
  const folder = groupedFolders.has(group)
    ? `${group}/${resource}`
    : (specialFolders[`${group}/${resource}`] ?? resource);
  return `${root}/${folder}/`;
}

/** `/registry/pods/default/web`; cluster-scoped objects have no namespace. */
export function objectKey(prefix: string, namespace: string, name: string): string {
  return namespace === '' ? `${prefix}${name}` : `${prefix}${namespace}/${name}`;
}
