/** Whether the identity of a client may list and watch a selection, as a reflector has to. */

import { selfSubjectAccessReviews } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Client } from '../client.ts';
import type { Selection } from './informer.ts';

export interface ReadAccess {
  readonly isAllowed: boolean;
  /** Granted by roles and bindings, which can also revoke it. */
  readonly isByRbac: boolean;
}

export async function readAccess(
  client: Client,
  type: ResourceType,
  selection: Selection,
): Promise<ReadAccess> {
  let isByRbac = false;
  for (const verb of ['list', 'watch']) {
    const { status } = await client.create(selfSubjectAccessReviews, {
      spec: { resourceAttributes: attributesOf(verb, type, selection) },
    });
    if (!status?.allowed) return { isAllowed: false, isByRbac: true };
    isByRbac ||= status.reason?.startsWith('RBAC:') ?? false;
  }
  return { isAllowed: true, isByRbac };
}

function attributesOf(verb: string, type: ResourceType, selection: Selection) {
  const { group, version, resource } = type;
  const { namespace, fieldSelector, labelSelector } = selection;
  return {
    verb,
    group,
    version,
    resource,
    ...(namespace ? { namespace } : {}),
    ...(fieldSelector ? { fieldSelector: { rawSelector: fieldSelector } } : {}),
    ...(labelSelector ? { labelSelector: { rawSelector: labelSelector } } : {}),
  };
}
