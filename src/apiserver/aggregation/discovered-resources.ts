/** Reads discovery documents of other servers: aggregated ones, and APIResourceLists, which it converts to that form. */

import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

/** The resources of each `group/version` of an APIGroupDiscoveryList. */
export function versionsIn(document: unknown): ReadonlyMap<string, readonly object[]> {
  const found = new Map<string, readonly object[]>();
  for (const group of objectsIn(document, 'items')) {
    const { name = '' } = isJsonObject(group['metadata']) ? group['metadata'] : {};
    for (const version of objectsIn(group, 'versions')) {
      found.set(`${name}/${version['version']}`, objectsIn(version, 'resources').map(withKinds));
    }
  }
  return found;
}

/** Some clients do not expect a resource without a kind. */
function withKinds(resource: JsonObject): JsonObject {
  const subresources = objectsIn(resource, 'subresources').map((subresource) => ({
    ...subresource,
    responseKind: subresource['responseKind'] ?? noKind,
  }));
  return {
    ...resource,
    responseKind: resource['responseKind'] ?? noKind,
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

const noKind = { group: '', version: '', kind: '' };

/** Of an APIResourceList. */
export function discoveredResources(list: unknown): readonly object[] {
  const listed = objectsIn(list, 'resources');
  const isOwn = ({ name }: JsonObject) => !String(name).includes('/');
  return listed.filter(isOwn).map((resource) => {
    const prefix = `${resource['name']}/`;
    const subresources = listed
      .filter(({ name }) => String(name).startsWith(prefix))
      .map((sub) => ({
        subresource: String(sub['name']).slice(prefix.length),
        responseKind: kindOf(sub),
        verbs: sub['verbs'],
      }));
    const { name, singularName, namespaced, verbs, shortNames, categories } = resource;
    return {
      resource: name,
      responseKind: kindOf(resource),
      scope: namespaced ? 'Namespaced' : 'Cluster',
      singularResource: singularName,
      verbs,
      ...(shortNames ? { shortNames } : {}),
      ...(categories ? { categories } : {}),
      ...(subresources.length > 0 ? { subresources } : {}),
    };
  });
}

function kindOf({ group = '', version = '', kind = '' }: JsonObject): object {
  return { group, version, kind };
}

function objectsIn(value: unknown, key: string): JsonObject[] {
  const list = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
