/**
 * Counts what the namespace of every ResourceQuota uses: for a new or changed quota, when a counted object is deleted or uses
 * less, and every five minutes. What is created, admission adds to `status.used` before it is stored.
 *
 * Reads ResourceQuotas and, from the first quota on that names them, the counted resources; writes ResourceQuota status.
 * Follows upstream's resourcequota-controller.
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

/** Upstream's interval. */
const recountMs = 5 * 60_000;
/** Room is reserved before its object is stored: what no object uses is only given back when nothing was reserved for so long. */
const settleMs = 1000;

export const resourceQuota = defineController({
  name: 'resourcequota-controller',
  start({ env, informers, watch: watchLater }) {
    const quotas = informers.for(resourceQuotas);
    const watched = new Set<ResourceType>();
    /** By key: when room was last reserved. */
    const reservedAtMs = new Map<string, number>();
    /** New objects wake nothing: they were counted when they were admitted. */
    const watchCounted = (quota: ResourceQuota) => {
      for (const type of countedTypes(quota)) {
        if (watched.has(type)) continue;
        watched.add(type);
        const quotasOf = ({ metadata }: Stored<KubeObject>) => quotas.list(metadata.namespace);
        const changed = (old: Stored<KubeObject>, now: Stored<KubeObject>) =>
          quotasOf(now).length > 0 && usageText(type, old) !== usageText(type, now);
        const keys = (object: Stored<KubeObject>) => quotasOf(object).map(keyOf);
        watchLater(watch({ type, on: ['updated', 'deleted'], changed, keys }));
      }
    };
    return {
      watches: [
        watch({
          type: resourceQuotas,
          changed: (old, quota) => !deepEqual(old.spec, quota.spec, 'io.k8s.api.core.v1.ResourceQuotaSpec'),
          note(change, quota, old) {
            // Whatever a quota names is watched from then on.
            watchCounted(quota);
            if (change === 'deleted') reservedAtMs.delete(keyOf(quota));
            else if (!old || isRaised(old, quota)) reservedAtMs.set(keyOf(quota), env.clock.monotonicMs());
          },
        }),
      ],
      async reconcile(key): Promise<Plan> {
        const quota = quotas.get(...splitKey(key));
        if (!quota || quota.metadata.deletionTimestamp) return nothingToDo;
        const counted = countedTypes(quota).map((type) => ({ type, informer: informers.for(type) }));
        await Promise.all(counted.map(({ informer }) => informer.synced()));
        const objects = counted.map(({ type, informer }) => ({
          type,
          objects: informer.list(quota.metadata.namespace),
        }));
        const sinceMs = env.clock.monotonicMs() - (reservedAtMs.get(key) ?? 0);
        return planQuota(quota, quotaStatus(quota, objects), settleMs - sinceMs);
      },
    };
  },
});

/** While room may be reserved for objects that are not stored yet (`unsettledMs`), nothing is counted down. */
export function planQuota(
  quota: Stored<ResourceQuota>,
  counted: ResourceQuotaStatus,
  unsettledMs: number,
): Plan {
  const used = unsettledMs > 0 ? withReserved(counted.used ?? {}, quota.status?.used ?? {}) : counted.used;
  const status = { ...counted, used: used ?? {} };
  const isLower = !deepEqual(status, counted, statusType);
  const againInMs = isLower ? unsettledMs : recountMs;
  if (deepEqual(quota.status, status, statusType)) return { actions: [], againInMs };
  return { actions: [{ do: 'updateStatus', type: resourceQuotas, object: { ...quota, status } }], againInMs };
}

const statusType = 'io.k8s.api.core.v1.ResourceQuotaStatus';

type Amounts = Readonly<Record<string, string>>;

function withReserved(counted: Amounts, reserved: Amounts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counted).map(([name, amount]) => {
      const before = reserved[name] ?? amount;
      return [name, parseQuantity(before).compare(parseQuantity(amount)) > 0 ? before : amount];
    }),
  );
}

function isRaised(old: ResourceQuota, now: ResourceQuota): boolean {
  return Object.entries(now.status?.used ?? {}).some(
    ([name, amount]) => parseQuantity(amount).compare(parseQuantity(old.status?.used?.[name] ?? '0')) > 0,
  );
}

/** Changes when the object uses something else, or another scope holds it. */
function usageText(type: ResourceType, object: Stored<KubeObject>): string {
  const { activeDeadlineSeconds } = (object as { spec?: { activeDeadlineSeconds?: number } }).spec ?? {};
  return JSON.stringify([usageOf(type, { ...object }), activeDeadlineSeconds !== undefined]);
}

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
