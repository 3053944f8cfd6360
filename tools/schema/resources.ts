/** The served resources, in discovery order, as the rows of the schema file. */

import type { ResourceRow, SubresourceRow } from '../../src/api/schema/schema-file.ts';
import { type DiscoveredResource, isStable, type Reference } from './reference.ts';

const prefix = 'io.k8s.';

export function servedResources(reference: Reference): ResourceRow[] {
  const typeOf = typesByKind(reference);
  const rows: ResourceRow[] = [];
  for (const group of reference.groups) {
    for (const { version, resources } of group.versions) {
      if (!isStable(version)) continue;
      for (const resource of resources) rows.push(row(group.metadata.name ?? '', version, resource, typeOf));
    }
  }
  return rows;
}

function row(
  group: string,
  version: string,
  resource: DiscoveredResource,
  typeOf: Map<string, string>,
): ResourceRow {
  const kind = resource.responseKind.kind;
  const type = typeOf.get(`${group}/${version}/${kind}`);
  if (type === undefined) throw new Error(`no definition for ${group}/${version} ${kind}`);
  const subresources = (resource.subresources ?? []).map((sub): SubresourceRow => {
    const own = sub.responseKind.version === '';
    const kind = own ? { group, version } : sub.responseKind;
    return [sub.subresource, kind.group, kind.version, sub.responseKind.kind, sub.verbs];
  });
  return [
    group,
    version,
    resource.resource,
    resource.singularResource,
    kind,
    resource.scope === 'Namespaced',
    resource.shortNames ?? [],
    resource.categories ?? [],
    resource.verbs,
    type.slice(prefix.length),
    subresources,
  ];
}

/** `apps/v1/Deployment` → definition; kinds that many groups share (DeleteOptions) are not resources. */
function typesByKind(reference: Reference): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, definition] of Object.entries(reference.definitions)) {
    for (const gvk of definition['x-kubernetes-group-version-kind'] ?? []) {
      if (name.endsWith(`.${gvk.kind}`)) found.set(`${gvk.group}/${gvk.version}/${gvk.kind}`, name);
    }
  }
  return found;
}
