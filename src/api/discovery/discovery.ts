/** The discovery documents of the served resources: aggregated discovery (v2) and the older lists. */

import { createHash } from 'node:crypto';
import { apiVersionOf } from '../meta/resource.ts';
import type { GroupVersionKind, ResourceDef } from '../schema/schema.ts';

export const aggregatedDiscoveryType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export interface DiscoveredResource {
  readonly def: ResourceDef;
  /** Set if objects are stored in another version. */
  readonly conversion?: { readonly storedAs: GroupVersionKind };
}

/**
 * `core` is the document of `/api`, otherwise of `/apis`. Groups and versions come in the order of
 * `resources`.
 */
export function aggregatedDiscovery(resources: readonly DiscoveredResource[], core: boolean): object {
  const items = groups(resources)
    .filter((group) => (group.name === '') === core)
    .map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map((version) => ({
        version: version.version,
        resources: version.resources.map(aggregatedResource),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource({ def }: DiscoveredResource): object {
  return {
    resource: def.resource,
    responseKind: responseKind(def, def),
    scope: def.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: def.singular,
    verbs: def.verbs,
    ...(def.shortNames.length > 0 ? { shortNames: def.shortNames } : {}),
    ...(def.categories.length > 0 ? { categories: def.categories } : {}),
    ...(def.subresources.length === 0
      ? {}
      : {
          subresources: def.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: responseKind(sub, def),
            verbs: sub.verbs,
          })),
        }),
  };
}

/** Group and version are omitted where they equal those of the list. */
function responseKind(of: GroupVersionKind, def: GroupVersionKind): GroupVersionKind {
  const same = of.group === def.group && of.version === def.version;
  return same
    ? { group: '', version: '', kind: of.kind }
    : { group: of.group, version: of.version, kind: of.kind };
}

export function legacyApiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

export function apiGroupList(resources: readonly DiscoveredResource[]): object {
  const named = groups(resources).filter((group) => group.name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) };
}

/** Undefined if the group has no served resource. */
export function apiGroup(resources: readonly DiscoveredResource[], name: string): object | undefined {
  const group = groups(resources).find((group) => group.name === name);
  return group && name !== '' ? { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) } : undefined;
}

/** Undefined if the group and version have no served resource. */
export function apiResourceList(
  resources: readonly DiscoveredResource[],
  group: string,
  version: string,
): object | undefined {
  const listed = resources.filter(({ def }) => def.group === group && def.version === version);
  if (listed.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: listed.flatMap(listedResources),
  };
}

function listedResources({ def, conversion }: DiscoveredResource): object[] {
  const own = {
    name: def.resource,
    singularName: def.singular,
    namespaced: def.namespaced,
    kind: def.kind,
    verbs: def.verbs,
    ...(def.shortNames.length > 0 ? { shortNames: def.shortNames } : {}),
    ...(def.categories.length > 0 ? { categories: def.categories } : {}),
    ...(def.verbs.includes('delete')
      ? { storageVersionHash: storageVersionHash(conversion?.storedAs ?? def) }
      : {}),
  };
  const subs = def.subresources.map((sub) => ({
    name: `${def.resource}/${sub.name}`,
    singularName: '',
    namespaced: def.namespaced,
    ...(sub.group === def.group && sub.version === def.version
      ? {}
      : { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }));
  return [own, ...subs];
}

function storageVersionHash({ group, version, kind }: GroupVersionKind): string {
  const digest = createHash('sha256').update(`${group}/${version}/${kind}`).digest();
  return digest.subarray(0, 8).toString('base64');
}

interface Version {
  readonly version: string;
  readonly resources: DiscoveredResource[];
}

interface Group {
  readonly name: string;
  readonly versions: Version[];
}

function groups(resources: readonly DiscoveredResource[]): Group[] {
  const byGroup = Map.groupBy(resources, ({ def }) => def.group);
  return [...byGroup].map(([name, ofGroup]) => {
    const byVersion = Map.groupBy(ofGroup, ({ def }) => def.version);
    return {
      name,
      versions: [...byVersion].map(([version, ofVersion]) => ({ version, resources: ofVersion })),
    };
  });
}

/** The first version in discovery order is the preferred one. */
function groupEntry(group: Group): object {
  const versions = group.versions.map(({ version }) => ({
    groupVersion: apiVersionOf({ group: group.name, version }),
    version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}
