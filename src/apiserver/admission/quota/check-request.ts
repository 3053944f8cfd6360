/**
 * What one request adds to the quotas of its namespace, and whether there is room for it. Pure: it takes the
 * quotas as they are and returns them as they would be. Follows upstream's CheckRequest.
 */

import type { ResourceQuota } from '#api/generated/types.gen.ts';
import { countedNames, matchesScopes, type QuotaKind, type QuotaLookUps, usageOf } from '#api/kind/quota.ts';
import type { AnyObject, Stored } from '#api/meta/object.ts';
import { forbidden } from '#api/meta/status.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { ownValue } from '#base/own-value.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';

export type Quota = Stored<ResourceQuota>;

type Amounts = ReadonlyMap<string, Quantity>;

/** A request, with the quota usage that its kind defines. */
export interface QuotaRequest {
  readonly attributes: AdmissionAttributes;
  readonly kind: QuotaKind;
  readonly nowMs: number;
  readonly lookUps: QuotaLookUps;
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
  for (const quota of quotas) refuseUnknown(quota, request);
  return quotas.map((quota) => charge(quota, request));
}

/** What the quota counts of the request's kind, in order; none where its scopes do not match. */
function countedBy(quota: Quota, { kind, attributes }: QuotaRequest): string[] {
  if (!matchesScopes(quota, kind, attributes.object!)) return [];
  return countedNames(kind, Object.keys(quota.status?.hard ?? {})).sort();
}

/** Upstream looks at all quotas for what is missing before it looks at any for room. */
function refuseUnknown(quota: Quota, request: QuotaRequest): void {
  const { type, object, name } = request.attributes;
  const counted = countedBy(quota, request);
  if (counted.length === 0) return;
  const missing = request.kind.quota?.unspecified?.(object!, counted);
  if (missing) {
    throw forbidden(type, name, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
  }
  const { used = {} } = quota.status ?? {};
  if (counted.every((key) => ownValue(used, key) !== undefined)) return;
  const what = `${quota.metadata.name}, resources: ${counted.join(',')}`;
  throw forbidden(type, name, `status unknown for quota: ${what}`);
}

function charge(quota: Quota, request: QuotaRequest): Quota {
  const { type, name } = request.attributes;
  const { hard = {}, used = {} } = quota.status ?? {};
  const counted = countedBy(quota, request);
  if (counted.length === 0) return quota;
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
    throw forbidden(type, name, `exceeded quota: ${quota.metadata.name}, ${parts.join(', ')}`);
  }
  const amounts = Object.fromEntries([...after].map(([key, amount]) => [key, amount.toString()]));
  return { ...quota, status: { hard, used: { ...used, ...amounts } } };
}

/** What the object uses more of than its old state, of what the quota counts. Never negative. */
function growth(quota: Quota, request: QuotaRequest, counted: string[]): Amounts {
  const { object, oldObject } = request.attributes;
  const before =
    oldObject && matchesScopes(quota, request.kind, oldObject)
      ? amountsOf(request, oldObject)
      : new Map<string, Quantity>();
  const grown = new Map<string, Quantity>();
  for (const [key, amount] of amountsOf(request, object!)) {
    const delta = amount.sub(before.get(key) ?? zeroQuantity);
    if (counted.includes(key) && delta.sign() > 0) grown.set(key, delta);
  }
  return grown;
}

function amountsOf({ kind, nowMs, lookUps }: QuotaRequest, object: AnyObject): Amounts {
  const usage = Object.entries(usageOf(kind, object, nowMs, lookUps));
  return new Map(usage.map(([key, amount]) => [key, parseQuantity(amount)]));
}
