/** Short ways to write policy rules, so that the tables of roles can be read as tables. */

import type { ClusterRole, PolicyRule } from '#api/generated/types.gen.ts';

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
export const readWrite = `${read} ${write}`;

/** Sorted, as upstream's. */
const words = (text: string): string[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .sort();

/**
 * `allow(read, 'apps', 'deployments replicasets')`; the core group is `''`, and `core` among several. Words are
 * separated by spaces.
 */
export function allow(verbs: string, groups: string, resources: string, names = ''): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: groupsOf(groups),
    resources: words(resources),
    ...(names === '' ? {} : { resourceNames: words(names) }),
  };
}

function groupsOf(text: string): string[] {
  const groups = words(text).map((group) => (group === 'core' ? '' : group));
  return groups.length === 0 ? [''] : groups.sort();
}

export function allowUrls(verbs: string, urls: string): PolicyRule {
  return { verbs: words(verbs), nonResourceURLs: words(urls) };
}

/** Both event APIs, as everything that reports may write to them. */
export const writeEvents = allow('create patch update', 'core events.k8s.io', 'events');

export const defaultLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate';

export function defaultMeta(name: string, labels: Record<string, string> = {}) {
  return { name, annotations: { [autoUpdateAnnotation]: 'true' }, labels: { ...defaultLabels, ...labels } };
}

export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels: Record<string, string> = {},
): ClusterRole {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: defaultMeta(name, labels),
    rules: [...rules],
  };
}
