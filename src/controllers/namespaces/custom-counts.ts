/**
 * Usage of custom resources in a quota (`count/widgets.example.com`): counted at the API server, whether
 * served or not.
 */

import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { QuotaKind } from '#api/kind/quota.ts';
import { builtInResources } from '#api/kinds/kinds.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { groupResource, type ResourceType } from '#api/meta/resource.ts';
import type { ReadClient } from '#client/client.ts';
import { eachPage } from '#client/rest/pages.ts';
import { discover } from '../shared/discovery.ts';

const prefix = 'count/';

export interface CountedObjects {
  readonly kind: QuotaKind;
  readonly objects: readonly Stored<KubeObject>[];
}

/** Names of resources, `widgets.example.com`. */
export function customNames({ spec }: ResourceQuota): string[] {
  return Object.keys(spec?.hard ?? {})
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => !builtInResources.has(name));
}

/** As a quota names it. */
export function countedName(resource: string): string {
  return `${prefix}${resource}`;
}

/** Empty for a resource that is not served now. */
export async function customObjects(client: ReadClient, quota: ResourceQuota): Promise<CountedObjects[]> {
  const names = customNames(quota);
  if (names.length === 0) return [];
  const { resources } = await discover(client);
  const types = resources
    .map(({ type }) => type)
    .filter((type) => type.namespaced && names.includes(groupResource(type)));
  return Promise.all(
    types.map(async (type) => ({
      kind: { type },
      objects: await objectsOf(client, type, quota.metadata?.namespace ?? ''),
    })),
  );
}

/** At most as many objects as needed. */
async function objectsOf(
  client: ReadClient,
  type: ResourceType,
  namespace: string,
): Promise<Stored<KubeObject>[]> {
  const found: Stored<KubeObject>[] = [];
  await eachPage(client, type, { namespace }, (items) => {
    for (const { metadata } of items) found.push({ metadata });
  });
  return found;
}
