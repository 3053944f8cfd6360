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
import { defineController, type Plan } from '#client/controllers/controller.ts';
import type { Informer } from '#client/informers/informer.ts';
import { keyOf, splitKey } from '../shared/queue-key.ts';

const { resourceQuotas } = kinds;

export const resourceQuota = defineController({
  name: 'resourcequota-controller',
  start({ informers, enqueue }) {
    const quotas = informers.for(resourceQuotas);
    const wake = (quota: Stored<ResourceQuota>) => enqueue(keyOf(quota));
    quotas.subscribe({ onAdd: wake, onUpdate: (_old, quota) => wake(quota) });
    const counted = new Map<ResourceType, Informer<KubeObject>>();

    /** Watched from the first time it is asked for. */
    function informerOf(type: ResourceType): Informer<KubeObject> {
      const known = counted.get(type);
      if (known) return known;
      const informer = informers.for(type);
      counted.set(type, informer);
      const recount = ({ metadata }: Stored<KubeObject>) => quotas.list(metadata.namespace).forEach(wake);
      informer.subscribe({ onAdd: recount, onUpdate: (_old, now) => recount(now), onDelete: recount });
      return informer;
    }

    return {
      async reconcile(key): Promise<Plan> {
        const quota = quotas.get(...splitKey(key));
        if (!quota || quota.metadata.deletionTimestamp) return { actions: [] };
        const types = countedTypes(Object.keys(quota.spec?.hard ?? {}));
        const all = types.map((type) => ({ type, informer: informerOf(type) }));
        await Promise.all(all.map(({ informer }) => informer.synced()));
        const objects = all.map(({ type, informer }) => ({
          type,
          objects: informer.list(quota.metadata.namespace),
        }));
        const status = quotaStatus(quota, objects);
        if (deepEqual(quota.status, status, 'io.k8s.api.core.v1.ResourceQuotaStatus')) return { actions: [] };
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

/** The resources whose objects have to be looked at to fill in these names. */
function countedTypes(names: readonly string[]): ResourceType[] {
  const wanted = new Set<string>();
  for (const name of names) {
    if (name.startsWith('count/')) wanted.add(name.slice('count/'.length));
    else if (name.startsWith('services.')) wanted.add('services');
    else if (name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/'))
      wanted.add('persistentvolumeclaims');
    else if (podAmounts.test(name)) wanted.add('pods');
    else wanted.add(name);
  }
  return Object.values(kinds).filter((type) => type.namespaced && wanted.has(groupResource(type)));
}
