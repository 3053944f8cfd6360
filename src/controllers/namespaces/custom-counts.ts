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

export interface CustomCounts {
  /** Without resources that are not served now. */
  readonly counted: readonly CountedObjects[];
  /** Of resources whose API server does not answer now: names as in `spec.hard`. */
  readonly unknown: readonly string[];
}

/** A server that does not answer keeps no other resource from being counted. */
export async function customObjects(client: ReadClient, quota: ResourceQuota): Promise<CustomCounts> {
  const names = customNames(quota);
  if (names.length === 0) return { counted: [], unknown: [] };
  const { resources, failures } = await discover(client);
  const types = resources
    .map(({ type }) => type)
    .filter((type) => type.namespaced && names.includes(groupResource(type)));
  const isSilent = (name: string) => failures.some((failure) => failure.startsWith(`${groupOf(name)}/`));
  const counted: CountedObjects[] = [];
  const unknown = names.filter(isSilent).map(countedName);
  await Promise.all(
    types.map(async (type) => {
      try {
        const objects = await objectsOf(client, type, quota.metadata?.namespace ?? '');
        counted.push({ kind: { type }, objects });
      } catch {
        unknown.push(countedName(groupResource(type)));
      }
    }),
  );
  return { counted, unknown };
}

/** `example.com` of `widgets.example.com`. */
function groupOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
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
