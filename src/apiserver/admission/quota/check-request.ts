/**
 * What one request adds to the quotas of its namespace, and whether there is room for it. Pure: it takes the
 * quotas as they are and returns them as they would be. Follows upstream's CheckRequest.
 */

import type { ResourceQuota } from '#api/generated/types.gen.ts';
import { countedNames, matchesScopes, type QuotaKind, usageOf } from '#api/kind/quota.ts';
import type { AnyObject, Stored } from '#api/meta/object.ts';
import { forbidden } from '#api/meta/status.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';

export type Quota = Stored<ResourceQuota>;

type Amounts = ReadonlyMap<string, Quantity>;

/** A request, with the quota usage that its kind defines. */
export interface QuotaRequest {
  readonly attributes: AdmissionAttributes;
  readonly kind: QuotaKind;
  readonly nowMs: number;
}

/** Can the request change what a quota counts? */
export function isCounted({ attributes, kind }: QuotaRequest): boolean {
  const { operation, subresource, namespace, object } = attributes;
  if (namespace === '' || !object) return false;
  if (operation === 'UPDATE') return subresource === kind.quota?.growsThrough;
  return operation === 'CREATE' && subresource === '';
}

/**
 * The same quotas, with more in `status.used` where the request is counted. Throws 403 in upstream's words.
 */
export function checkRequest(quotas: readonly Quota[], request: QuotaRequest): readonly Quota[] {
  return quotas.map((quota) => charge(quota, request));
}

function charge(quota: Quota, request: QuotaRequest): Quota {
  const { kind } = request;
  const { type, object, name } = request.attributes;
  const { hard = {}, used = {} } = quota.status ?? {};
  if (!matchesScopes(quota, kind, object!)) return quota;
  const counted = countedNames(kind, Object.keys(hard)).sort();
  if (counted.length === 0) return quota;
  const refuse = (why: string) => forbidden(type, name, why);
  const missing = kind.quota?.unspecified?.(object!, counted);
  if (missing) throw refuse(`failed quota: ${quota.metadata.name}: must specify ${missing}`);
  if (counted.some((key) => used[key] === undefined)) {
    throw refuse(`status unknown for quota: ${quota.metadata.name}, resources: ${counted.join(',')}`);
  }
  const requested = growth(quota, request, counted);
  if (requested.size === 0) return quota;
  const after = new Map([...requested].map(([key, delta]) => [key, parseQuantity(used[key]!).add(delta)]));
  const over = [...after.keys()]
    .filter((key) => after.get(key)!.compare(parseQuantity(hard[key]!)) > 0)
    .sort();
  if (over.length > 0) {
    const text = (amount: (key: string) => Quantity | string) =>
      over.map((key) => `${key}=${amount(key)}`).join(',');
    const parts = [
      `requested: ${text((key) => requested.get(key)!)}`,
      `used: ${text((key) => parseQuantity(used[key]!))}`,
      `limited: ${text((key) => parseQuantity(hard[key]!))}`,
    ];
    throw refuse(`exceeded quota: ${quota.metadata.name}, ${parts.join(', ')}`);
  }
  const amounts = Object.fromEntries([...after].map(([key, amount]) => [key, amount.toString()]));
  return { ...quota, status: { hard, used: { ...used, ...amounts } } };
}

/** What the object uses more of than its old state, of what the quota counts. Never negative. */
function growth(quota: Quota, { attributes, kind, nowMs }: QuotaRequest, counted: string[]): Amounts {
  const { object, oldObject } = attributes;
  const before =
    oldObject && matchesScopes(quota, kind, oldObject)
      ? amountsOf(kind, oldObject, nowMs)
      : new Map<string, Quantity>();
  const grown = new Map<string, Quantity>();
  for (const [key, amount] of amountsOf(kind, object!, nowMs)) {
    const delta = amount.sub(before.get(key) ?? zeroQuantity);
    if (counted.includes(key) && delta.sign() > 0) grown.set(key, delta);
  }
  return grown;
}

function amountsOf(kind: QuotaKind, object: AnyObject, nowMs: number): Amounts {
  return new Map(
    Object.entries(usageOf(kind, object, nowMs)).map(([key, amount]) => [key, parseQuantity(amount)]),
  );
}
