/** For tests: the stored objects that usage of quotas depends on. */

import type { QuotaLookUps } from '#api/kind/quota.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';

/** Each resource with its objects. */
export function quotaLookUps(...stored: readonly [ResourceType, readonly KubeObject[]][]): QuotaLookUps {
  const list = (type: ResourceType, namespace: string): AnyObject[] =>
    stored
      .filter(([{ resource }]) => resource === type.resource)
      .flatMap(([, objects]) => objects.map((object) => ({ ...object })))
      .filter(({ metadata }) => (metadata?.namespace ?? '') === namespace);
  return {
    list,
    get: (type, namespace, name) => list(type, namespace).find(({ metadata }) => metadata?.name === name),
  };
}
