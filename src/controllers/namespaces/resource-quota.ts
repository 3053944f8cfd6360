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
import type { QuotaLookUps } from '#api/kind/quota.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { Clock } from '#base/clock.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informers } from '#client/informers/informer.ts';
import { CountedUsage } from './counted-usage.ts';
import { type CountedObjects, customNames, customObjects } from './custom-counts.ts';
import { type Amounts, countedKinds, quotaStatus } from './quota-usage.ts';

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
    const reservations = new Reservations(env.clock);
    const measure = () => ({ nowMs: env.clock.now(), lookUps: lookUpsOf(informers) });
    const usage = new CountedUsage(quotas, measure);
    return {
      watches: [
        watch({
          type: resourceQuotas,
          changed: (old, quota) => !deepEqual(old.spec, quota.spec, 'io.k8s.api.core.v1.ResourceQuotaSpec'),
          note(change, quota, old) {
            // From now on, the resources that the quota names are watched.
            for (const kind of countedKinds(quota)) usage.watchOnce(kind, watchLater);
            const key = keyOf(quota);
            if (change === 'deleted') {
              reservations.forget(key);
              usage.freed.forget(key);
              return;
            }
            if (!old || isRaised(old, quota)) reservations.note(key);
            if (old) usage.freed.given(key, old, quota);
          },
        }),
      ],
      async reconcile(key): Promise<Plan> {
        const quota = quotas.get(...splitKey(key));
        if (!quota || quota.metadata.deletionTimestamp) return nothingToDo;
        const custom = await customObjects(client, quota);
        const objects = [...(await cachedObjects(informers, quota)), ...custom.counted];
        if (custom.unknown.length > 0) env.log.warn('not counted', { quota: key, names: custom.unknown });
        const unsettledMs = settleMs - reservations.sinceMs(key);
        return planQuota(
          quota,
          quotaStatus(quota, objects, measure(), custom.unknown),
          unsettledMs,
          usage.freed.of(key),
        );
      },
    };
  },
});

/** When usage was last reserved, by the quota's key. */
class Reservations {
  readonly #clock: Clock;
  readonly #atMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(key: string): void {
    this.#atMs.set(key, this.#clock.monotonicMs());
  }

  forget(key: string): void {
    this.#atMs.delete(key);
  }

  sinceMs(key: string): number {
    return this.#clock.monotonicMs() - (this.#atMs.get(key) ?? 0);
  }
}

async function cachedObjects(informers: Informers, quota: Stored<ResourceQuota>): Promise<CountedObjects[]> {
  const counted = countedKinds(quota).map((kind) => ({ kind, informer: informers.for(kind.type) }));
  const lookedUp = counted.flatMap(({ kind }) => kind.quota?.looksUp ?? []);
  const awaited = [
    ...counted.map(({ informer }) => informer),
    ...lookedUp.map((type) => informers.for(type)),
  ];
  await Promise.all(awaited.map((informer) => informer.synced()));
  return counted.map(({ kind, informer }) => ({ kind, objects: informer.list(quota.metadata.namespace) }));
}

function lookUpsOf(informers: Informers): QuotaLookUps {
  const asRead = (object: Stored<KubeObject>) => ({ ...object });
  return {
    get(type, namespace, name) {
      const object = informers.for(type).get(namespace, name);
      return object && asRead(object);
    },
    list: (type, namespace) => informers.for(type).list(namespace).map(asRead),
  };
}

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

function isRaised(old: ResourceQuota, now: ResourceQuota): boolean {
  return Object.entries(now.status?.used ?? {}).some(
    ([name, amount]) => parseQuantity(amount).compare(parseQuantity(old.status?.used?.[name] ?? '0')) > 0,
  );
}
