/**
 * Keeps the status of every ResourceQuota equal to what its namespace uses.
 *
 * Reads ResourceQuotas and, from the first quota on that names them, the counted resources; writes ResourceQuota status.
 * Upstream's resourcequota-controller; admission counts for itself, so that the status may lag without harm.
 */

import * as kinds from '#api/generated/kinds.gen.ts';
import type { ResourceQuota, ResourceQuotaStatus } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { groupResource, type ResourceType } from '#api/meta/resource.ts';
import { matchesScopes } from '#api/quota/scopes.ts';
import { usageOf } from '#api/quota/usage.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';

const { resourceQuotas } = kinds;

export const resourceQuota = defineController({
  name: 'resourcequota-controller',
  start({ informers, watch: watchLater }) {
    const quotas = informers.for(resourceQuotas);
    const watched = new Set<ResourceType>();
    const watchCounted = (quota: ResourceQuota) => {
      for (const type of countedTypes(quota)) {
        if (watched.has(type)) continue;
        watched.add(type);
        const keys = ({ metadata }: Stored<KubeObject>) => quotas.list(metadata.namespace).map(keyOf);
        watchLater(watch({ type, keys }));
      }
    };
    return {
      // Whatever a quota names is watched from then on.
      watches: [watch({ type: resourceQuotas, note: (_change, quota) => watchCounted(quota) })],
      async reconcile(key): Promise<Plan> {
        const quota = quotas.get(...splitKey(key));
        if (!quota || quota.metadata.deletionTimestamp) return nothingToDo;
        const counted = countedTypes(quota).map((type) => ({ type, informer: informers.for(type) }));
        await Promise.all(counted.map(({ informer }) => informer.synced()));
        const objects = counted.map(({ type, informer }) => ({
          type,
          objects: informer.list(quota.metadata.namespace),
        }));
        const status = quotaStatus(quota, objects);
        if (deepEqual(quota.status, status, 'io.k8s.api.core.v1.ResourceQuotaStatus')) return nothingToDo;
        return { actions: [{ do: 'updateStatus', type: resourceQuotas, object: { ...quota, status } }] };
      },
    };
  },
});

export function quotaStatus(
  quota: ResourceQuota,
  counted: readonly { type: ResourceType; objects: readonly Stored<KubeObject>[] }[],
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const sums = new Map<string, Quantity>(Object.keys(hard).map((name) => [name, zeroQuantity]));
  for (const { type, objects } of counted) {
    for (const object of objects) {
      if (!matchesScopes(quota, type, { ...object })) continue;
      for (const [name, amount] of Object.entries(usageOf(type, { ...object }))) {
        const sum = sums.get(name);
        if (sum) sums.set(name, sum.add(parseQuantity(amount)));
      }
    }
  }
  const used = Object.fromEntries([...sums].map(([name, sum]) => [name, sum.toString()]));
  return { hard, used };
}

const podAmounts = /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage|hugepages-.+)$|^requests\..+\/.+/;

/** The resources whose objects have to be looked at to fill in what the quota names. */
function countedTypes({ spec }: ResourceQuota): ResourceType[] {
  const wanted = new Set<string>();
  for (const name of Object.keys(spec?.hard ?? {})) {
    if (name.startsWith('count/')) wanted.add(name.slice('count/'.length));
    else if (name.startsWith('services.')) wanted.add('services');
    else if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'))
      wanted.add('persistentvolumeclaims');
    else if (podAmounts.test(name)) wanted.add('pods');
    else wanted.add(name);
  }
  return Object.values(kinds).filter((type) => type.namespaced && wanted.has(groupResource(type)));
}
