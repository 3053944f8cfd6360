/** What a ResourceQuota limits and the objects of its namespace use of it. */

import type { ResourceQuota, ResourceQuotaStatus } from '#api/generated/types.gen.ts';
import type { Kind } from '#api/kind/define-kind.ts';
import { countedNames, matchesScopes, type QuotaKind, type QuotaLookUps, usageOf } from '#api/kind/quota.ts';
import { kinds } from '#api/kinds/kinds.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { type CountedObjects, countedName, customNames } from './custom-counts.ts';

/** Amounts by the names of `spec.hard`. */
export type Amounts = Readonly<Record<string, string>>;

/** When usage is measured, and the stored objects that it depends on. */
export interface Measure {
  readonly nowMs: number;
  readonly lookUps: QuotaLookUps;
}

/** How much of what `quota` limits the object uses; nothing when the quota does not count it. */
export function quotaUsage(
  quota: ResourceQuota,
  kind: QuotaKind,
  object: Stored<KubeObject>,
  measure: Measure,
): Amounts {
  if (!matchesScopes(quota, kind, { ...object })) return {};
  const hard = quota.spec?.hard ?? {};
  return Object.fromEntries(
    Object.entries(measured(kind, object, measure)).filter(([name]) => Object.hasOwn(hard, name)),
  );
}

/** Changes when the object's usage or its scopes change. */
export function usageText(kind: QuotaKind, object: Stored<KubeObject>, measure: Measure): string {
  return JSON.stringify([measured(kind, object, measure), kind.quota?.scopedBy?.({ ...object })]);
}

function measured(kind: QuotaKind, object: Stored<KubeObject>, { nowMs, lookUps }: Measure): Amounts {
  return usageOf(kind, { ...object }, nowMs, lookUps);
}

/**
 * Names in `hard` that no kind counts have no entry in `used`, as upstream; those of custom resources have
 * one before they are served. Those that cannot be counted now (`unknown`) keep the usage that they have.
 */
export function quotaStatus(
  quota: ResourceQuota,
  counted: readonly CountedObjects[],
  measure: Measure,
  unknown: readonly string[] = [],
): ResourceQuotaStatus {
  const hard = quota.spec?.hard ?? {};
  const names = counted.flatMap(({ kind }) => countedNames(kind, Object.keys(hard)));
  names.push(...customNames(quota).map(countedName));
  const sums = new Map<string, Quantity>(names.map((name) => [name, zeroQuantity]));
  for (const { kind, objects } of counted) {
    for (const object of objects) {
      if (!matchesScopes(quota, kind, { ...object })) continue;
      for (const [name, amount] of Object.entries(measured(kind, object, measure))) {
        const sum = sums.get(name);
        if (sum) sums.set(name, sum.add(parseQuantity(amount)));
      }
    }
  }
  const used = Object.fromEntries([...sums].map(([name, sum]) => [name, sum.toString()]));
  for (const name of unknown) {
    const before = quota.status?.used?.[name];
    if (before === undefined) delete used[name];
    else used[name] = before;
  }
  return { hard, used };
}

/** The kinds whose objects determine the usage of this quota, each in its stored version. */
export function countedKinds({ spec }: ResourceQuota): Kind[] {
  const limited = Object.keys(spec?.hard ?? {});
  return kinds.filter(
    (kind) => kind.type.namespaced && !kind.conversion && countedNames(kind, limited).length > 0,
  );
}
