/** The resources that the API server serves now, including custom ones, from its discovery. */

import type { APIGroupList, APIResourceList } from '#api/generated/types.gen.ts';
import { type ResourceType, resourceType } from '#api/meta/resource.ts';
import type { ReadClient } from '#client/client.ts';

export interface ServedResource {
  readonly type: ResourceType;
  readonly verbs: readonly string[];
}

export interface Served {
  /** The preferred version of every group's resources, without subresources. */
  readonly resources: readonly ServedResource[];
  /** Group versions that did not answer, in upstream's words. */
  readonly failures: readonly string[];
}

export async function discover(client: ReadClient): Promise<Served> {
  const groups = (await client.raw('GET', '/apis')) as APIGroupList;
  const versions = (groups.groups ?? []).flatMap(
    (group) => group.preferredVersion?.groupVersion ?? group.versions?.[0]?.groupVersion ?? [],
  );
  const answers = await Promise.all(['v1', ...versions].map((version) => resourcesOf(client, version)));
  return {
    resources: answers.flatMap((answer) => ('failure' in answer ? [] : answer.resources)),
    failures: answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : [])),
  };
}

async function resourcesOf(
  client: ReadClient,
  groupVersion: string,
): Promise<{ resources: ServedResource[] } | { failure: string }> {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  const path = group ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  try {
    const list = (await client.raw('GET', path)) as APIResourceList;
    const resources = (list.resources ?? [])
      .filter((resource) => !resource.name.includes('/'))
      .map(({ name, kind, namespaced, verbs }) => ({
        type: resourceType(group!, version!, name, kind, namespaced),
        verbs: verbs ?? [],
      }));
    return { resources };
  } catch {
    // Another API server does not answer: the aggregated document, which upstream reads, shows it as stale.
    return { failure: `${groupVersion}: stale GroupVersion discovery: ${groupVersion}` };
  }
}
