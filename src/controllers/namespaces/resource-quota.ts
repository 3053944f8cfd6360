/**
 * Counts what the namespace of every ResourceQuota uses: for a new or changed quota, when a counted object is
 * deleted or uses less, and every five minutes. What is created, admission adds to `status.used` before it is
 * stored. Custom resources are counted every half minute instead, so that nothing watches one that may be
 * gone.
 *
 * Reads ResourceQuotas and, from the first quota on that names them, the counted resources; writes
 * ResourceQuota status. Follows upstream's resourcequota-controller.
 */

import { resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { ResourceQuota, ResourceQuotaStatus } from '#api/generated/types.gen.ts';
import type { Kind } from '#api/kind/define-kind.ts';
import { countedNames, matchesScopes, type QuotaKind, usageOf } from '#api/kind/quota.ts';
import { kinds } from '#api/kinds/kinds.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { type Change, watch } from '#client/controllers/watch.ts';
import { type CountedObjects, countedName, customNames, customObjects } from './custom-counts.ts';
import { FreedUsage } from './freed-usage.ts';

/** Upstream's interval. */
const recountMs = 5 * 60_000;
const customRecountMs = 30_000;
/**
 * Usage is reserved before its object is stored: it is reduced by what ended objects used, and to what is
 * counted only when nothing was reserved for this long.
 */
const settleMs = 1000;

export const resourceQuota = defineController({
  name: 'resourcequota-controller',
  start({ env, client, informers, watch: watchLater }) {
    const quotas = informers.for(resourceQuotas);
    const watched = new Set<Kind>();
    /** By key: when usage was last reserved. */
    const reservedAtMs = new Map<string, number>();
    const freed = new FreedUsage();
    const nowMs = () => env.clock.now();
    const free = (kind: Kind, object: Stored<KubeObject>, now: Stored<KubeObject> | undefined) => {
      for (const quota of quotas.list(object.metadata.namespace)) {
        freed.add(
          keyOf(quota),
          quotaUsage(quota, kind, object, nowMs()),
          now ? quotaUsage(quota, kind, now, nowMs()) : {},
        );
      }
    };
    /** New objects enqueue nothing: admission has counted them. */
    const watchCounted = (quota: ResourceQuota) => {
      for (const kind of countedKinds(quota)) {
        if (watched.has(kind)) continue;
        watched.add(kind);
        const quotasOf = ({ metadata }: Stored<KubeObject>) => quotas.list(metadata.namespace);
        const changed = (old: Stored<KubeObject>, now: Stored<KubeObject>) =>
          quotasOf(now).length > 0 && usageText(kind, old, nowMs()) !== usageText(kind, now, nowMs());
        const keys = (object: Stored<KubeObject>) => quotasOf(object).map(keyOf);
        const note = (change: Change, object: Stored<KubeObject>, old?: Stored<KubeObject>) => {
          if (change === 'deleted') free(kind, object, undefined);
          else if (old && changed(old, object)) free(kind, old, object);
        };
        watchLater(watch({ type: kind.type, on: ['updated', 'deleted'], changed, keys, note }));
      }
    };
    return {
      watches: [
        watch({
          type: resourceQuotas,
          changed: (old, quota) => !deepEqual(old.spec, quota.spec, 'io.k8s.api.core.v1.ResourceQuotaSpec'),
          note(change, quota, old) {
            // From now on, the resources that the quota names are watched.
            watchCounted(quota);
            const key = keyOf(quota);
            if (change === 'deleted') {
              reservedAtMs.delete(key);
              freed.forget(key);
              return;
            }
            if (!old || isRaised(old, quota)) reservedAtMs.set(key, env.clock.monotonicMs());
            if (old) freed.given(key, old, quota);
          },
        }),
      ],
      async reconcile(key): Promise<Plan> {
        const quota = quotas.get(...splitKey(key));
        if (!quota || quota.metadata.deletionTimestamp) return nothingToDo;
        const counted = countedKinds(quota).map((kind) => ({ kind, informer: informers.for(kind.type) }));
        await Promise.all(counted.map(({ informer }) => informer.synced()));
        const objects: CountedObjects[] = counted.map(({ kind, informer }) => ({
          kind,
          objects: informer.list(quota.metadata.namespace),
        }));
        objects.push(...(await customObjects(client, quota)));
        const sinceMs = env.clock.monotonicMs() - (reservedAtMs.get(key) ?? 0);
        return planQuota(quota, quotaStatus(quota, objects, nowMs()), settleMs - sinceMs, freed.of(key));
      },
    };
  },
});

/**
 * While usage may be reserved for objects that are not stored yet (`unsettledMs`), only `freed` is given
 * back.
 */
export function planQuota(
  quota: Stored<ResourceQuota>,
  counted: ResourceQuotaStatus,
  unsettledMs: number,
  freed: ReadonlyMap<string, Quantity> = new Map(),
): Plan {
  const reserved = quota.status?.used ?? {};
  const used = unsettledMs > 0 ? withReserved(counted.used ?? {}, reserved, freed) : counted.used;
  const status = { ...counted, used: used ?? {} };
  const isLower = !deepEqual(status, counted, statusType);
  const recountInMs = customNames(quota).length > 0 ? customRecountMs : recountMs;
  const againInMs = isLower ? unsettledMs : recountInMs;
  if (deepEqual(quota.status, status, statusType)) return { actions: [], againInMs };
  return { actions: [{ do: 'updateStatus', type: resourceQuotas, object: { ...quota, status } }], againInMs };
}

const statusType = 'io.k8s.api.core.v1.ResourceQuotaStatus';

type Amounts = Readonly<Record<string, string>>;

function withReserved(
  counted: Amounts,
  reserved: Amounts,
  freed: ReadonlyMap<string, Quantity>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(counted).map(([name, amount]) => {
      const left = parseQuantity(reserved[name] ?? amount).sub(freed.get(name) ?? zeroQuantity);
      return [name, left.compare(parseQuantity(amount)) > 0 ? left.toString() : amount];
    }),
  );
}

/** How much of what `quota` limits the object uses; nothing when the quota does not count it. */
function quotaUsage(
  quota: ResourceQuota,
  kind: QuotaKind,
  object: Stored<KubeObject>,
  nowMs: number,
): Amounts {
  if (!matchesScopes(quota, kind, { ...object })) return {};
  const hard = quota.spec?.hard ?? {};
  return Object.fromEntries(
    Object.entries(usageOf(kind, { ...object }, nowMs)).filter(([name]) => Object.hasOwn(hard, name)),
  );
}

function isRaised(old: ResourceQuota, now: ResourceQuota): boolean {
  return Object.entries(now.status?.used ?? {}).some(
    ([name, amount]) => parseQuantity(amount).compare(parseQuantity(old.status?.used?.[name] ?? '0')) > 0,
  );
}

/** Changes when the object's usage or its scopes change. */
function usageText(kind: QuotaKind, object: Stored<KubeObject>, nowMs: number): string {
  const { activeDeadlineSeconds } = (object as { spec?: { activeDeadlineSeconds?: number } }).spec ?? {};
  return JSON.stringify([usageOf(kind, { ...object }, nowMs), activeDeadlineSeconds !== undefined]);
}

/**
 * Names in `hard` that no kind counts have no entry in `used`, as upstream; those of custom resources have
 * one before they are served.
 */
export function quotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  nowMs: number,
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const names = counted.flatMap(({ kind }) => countedNames(kind, Object.keys(hard)));
  names.push(...customNames(quota).map(countedName));
  const sums = new Map<string, Quantity>(names.map((name) => [name, zeroQuantity]));
  for (const { kind, objects } of counted) {
    for (const object of objects) {
      if (!matchesScopes(quota, kind, { ...object })) continue;
      for (const [name, amount] of Object.entries(usageOf(kind, { ...object }, nowMs))) {
        const sum = sums.get(name);
        if (sum) sums.set(name, sum.add(parseQuantity(amount)));
      }
    }
  }
  const used = Object.fromEntries([...sums].map(([name, sum]) => [name, sum.toString()]));
  return { hard, used };
}

/** The kinds whose objects determine the usage of this quota, each in its stored version. */
function countedKinds({ spec }: ResourceQuota): Kind[] {
  const limited = Object.keys(spec?.hard ?? {});
  return kinds.filter(
    (kind) => kind.type.namespaced && !kind.conversion && countedNames(kind, limited).length > 0,
  );
}
