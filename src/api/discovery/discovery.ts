/** The discovery documents of what is served, here or elsewhere: aggregated discovery (v2) and the older lists. */

import { createHash } from 'node:crypto';
import { apiVersionOf } from '../meta/resource.ts';
import type { GroupVersionKind, ResourceDef } from '../schema/schema.ts';
import { groupsByName, groupsByService, type OrderedGroup, type OrderedVersion } from './group-order.ts';
import { builtInPriority, localPriority, type Priority } from './priorities.ts';

export const aggregatedParameters = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export interface DiscoveredResource {
  readonly def: ResourceDef;
  /** Set if objects are stored in another version. */
  readonly conversion?: { readonly storedAs: GroupVersionKind };
  /** Custom resources are only in JSON. */
  readonly kind?: { readonly isJsonOnly?: boolean | undefined; readonly storageVersion?: string };
}

/** A version that another API server serves. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: Priority;
  /** As that server's aggregated document says. */
  readonly resources: readonly object[];
  /** Stale: the server could not be asked now. */
  readonly freshness: 'Current' | 'Stale';
}

interface ListedVersion extends OrderedVersion {
  readonly entry: object;
}

/** `core` is the document of `/api`, otherwise of `/apis`. A remote version stands for a local one too. */
export function aggregatedDiscovery(
  resources: readonly DiscoveredResource[],
  core: boolean,
  remotes: readonly RemoteVersion[] = [],
): object {
  const items = groupsByName(listedVersions(resources, remotes))
    .filter(({ name }) => (name === '') === core)
    .map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ entry }) => entry),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function listedVersions(
  resources: readonly DiscoveredResource[],
  remotes: readonly RemoteVersion[],
): ListedVersion[] {
  const elsewhere = new Set(remotes.map(apiVersionOf));
  const here = localVersions(resources)
    .filter((version) => !elsewhere.has(apiVersionOf(version)))
    .map((version) => ({
      ...version,
      entry: {
        version: version.version,
        resources: version.resources.map(aggregatedResource),
        freshness: 'Current',
      },
    }));
  return [...here, ...remotes.map(listedRemote)];
}

function listedRemote({ group, version, priority, resources, freshness }: RemoteVersion): ListedVersion {
  const entry = { version, ...(resources.length > 0 ? { resources } : {}), freshness };
  return { group, version, priority, entry };
}

function aggregatedResource({ def, kind }: DiscoveredResource): object {
  const responseKind = kind?.isJsonOnly ? fullKind : omittedKind;
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
function omittedKind(shown: GroupVersionKind, def: GroupVersionKind): GroupVersionKind {
  const isSame = shown.group === def.group && shown.version === def.version;
  return isSame ? { group: '', version: '', kind: shown.kind } : fullKind(shown);
}

function fullKind({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}

export function legacyApiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

/** `registered`: the versions that APIServices name, of this server or of an extension API server. */
export function apiGroupList(
  resources: readonly DiscoveredResource[],
  registered: readonly OrderedVersion[] = [],
): object {
  const versions = knownVersions(resources, registered);
  const listed = registered.length > 0 ? withoutDeregistered(versions, registered) : versions;
  const named = groupsByService(listed).filter(({ name }) => name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) };
}

/**
 * As upstream, a built-in version whose APIService is deleted leaves the list of groups, though it is still served and
 * still in the other documents.
 */
function withoutDeregistered(
  versions: readonly OrderedVersion[],
  registered: readonly OrderedVersion[],
): OrderedVersion[] {
  const named = new Set(registered.map(apiVersionOf));
  return versions.filter(
    (known) => named.has(apiVersionOf(known)) || !builtInPriority(known.group, known.version),
  );
}

/** Undefined if the group has no version. */
export function apiGroup(
  resources: readonly DiscoveredResource[],
  name: string,
  registered: readonly OrderedVersion[] = [],
): object | undefined {
  const ofGroup = knownVersions(resources, registered).filter(({ group }) => group === name);
  const [group] = groupsByService(ofGroup);
  return group && name !== '' ? { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) } : undefined;
}

/** What is served here is known also before its APIService is. */
function knownVersions(
  resources: readonly DiscoveredResource[],
  registered: readonly OrderedVersion[],
): OrderedVersion[] {
  const named = new Set(registered.map(apiVersionOf));
  return [...registered, ...localVersions(resources).filter((version) => !named.has(apiVersionOf(version)))];
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

function listedResources({ def, conversion, kind }: DiscoveredResource): object[] {
  const own = {
    name: def.resource,
    singularName: def.singular,
    namespaced: def.namespaced,
    kind: def.kind,
    verbs: def.verbs,
    ...(def.shortNames.length > 0 ? { shortNames: def.shortNames } : {}),
    ...(def.categories.length > 0 ? { categories: def.categories } : {}),
    ...(def.verbs.includes('delete')
      ? { storageVersionHash: storageVersionHash(conversion?.storedAs ?? def, kind?.storageVersion) }
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

function storageVersionHash({ group, version, kind }: GroupVersionKind, stored = version): string {
  const digest = createHash('sha256').update(`${group}/${stored}/${kind}`).digest();
  return digest.subarray(0, 8).toString('base64');
}

interface LocalVersion extends OrderedVersion {
  readonly resources: readonly DiscoveredResource[];
}

function localVersions(resources: readonly DiscoveredResource[]): LocalVersion[] {
  const byVersion = Map.groupBy(resources, ({ def }) => apiVersionOf(def));
  return Array.from(byVersion.values(), (ofVersion) => {
    const { group, version } = ofVersion[0]!.def;
    return { group, version, priority: localPriority(group, version), resources: ofVersion };
  });
}

/** The first version in discovery order is the preferred one. */
function groupEntry(group: OrderedGroup<OrderedVersion>): object {
  const versions = group.versions.map(({ version }) => ({
    groupVersion: apiVersionOf({ group: group.name, version }),
    version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}
