/**
 * What one request adds to the quotas of its namespace, and whether there is room for it. Pure: it takes the quotas as they
 * are and returns them as they would be. Follows upstream's CheckRequest.
 */

import type { Pod, ResourceQuota } from '#api/generated/types.gen.ts';
import type { AnyObject, Stored } from '#api/meta/object.ts';
import { groupResource, type ResourceType } from '#api/meta/resource.ts';
import { forbidden } from '#api/meta/status.ts';
import { matchesScopes } from '#api/quota/scopes.ts';
import { usageOf } from '#api/quota/usage.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { AdmissionAttributes } from '../../contract/contract.ts';

export type Quota = Stored<ResourceQuota>;

type Amounts = ReadonlyMap<string, Quantity>;

const pods = 'pods';
/** Whose updates may use more than before. */
const growing = ['services', 'persistentvolumeclaims'];

/** Can the request change what a quota counts? */
export function isCounted({ operation, subresource, namespace, object, type }: AdmissionAttributes): boolean {
  if (namespace === '' || !object) return false;
  const kind = groupResource(type);
  if (operation === 'UPDATE' && kind === pods) return subresource === 'resize';
  if (subresource !== '') return false;
  if (operation === 'CREATE') return true;
  return operation === 'UPDATE' && growing.includes(kind);
}

/** The same quotas, with more in `status.used` where the request is counted. Throws 403 in upstream's words. */
export function checkRequest(quotas: readonly Quota[], request: AdmissionAttributes): readonly Quota[] {
  return quotas.map((quota) => charge(quota, request));
}

function charge(quota: Quota, request: AdmissionAttributes): Quota {
  const { type, object, name } = request;
  const { hard = {}, used = {} } = quota.status ?? {};
  if (!matchesScopes(quota, type, object!)) return quota;
  const counted = countedNames(type, object!, Object.keys(hard));
  if (counted.length === 0) return quota;
  const refuse = (why: string) => forbidden(type, name, why);
  const missing = groupResource(type) === pods ? unspecified(object as Pod, counted) : '';
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
function growth(quota: Quota, { type, object, oldObject }: AdmissionAttributes, counted: string[]): Amounts {
  const before =
    oldObject && matchesScopes(quota, type, oldObject)
      ? amountsOf(type, oldObject)
      : new Map<string, Quantity>();
  const grown = new Map<string, Quantity>();
  for (const [key, amount] of amountsOf(type, object!)) {
    const delta = amount.sub(before.get(key) ?? zeroQuantity);
    if (counted.includes(key) && delta.sign() > 0) grown.set(key, delta);
  }
  return grown;
}

function amountsOf(type: ResourceType, object: AnyObject): Amounts {
  return new Map(Object.entries(usageOf(type, object)).map(([key, amount]) => [key, parseQuantity(amount)]));
}

const podAmount = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage|hugepages-.+)$|^requests\.[^/]+\/.+$/;

/** The names in `limited` that objects of this kind use; of pods also those that this one does not use. */
function countedNames(type: ResourceType, object: AnyObject, limited: readonly string[]): string[] {
  const usage = usageOf(type, object);
  const isOfPods = (key: string) => key === pods || key === `count/${pods}` || podAmount.test(key);
  const isPod = groupResource(type) === pods;
  return limited.filter((key) => Object.hasOwn(usage, key) || (isPod && isOfPods(key))).sort();
}

const computeNames = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

/** A quota on a compute resource makes every container say how much of it it wants, unless the pod says it for all. */
function unspecified(pod: Pod, counted: readonly string[]): string {
  const { requests, limits } = pod.spec?.resources ?? {};
  if (requests || limits) return '';
  return computeNames
    .filter((name) => counted.includes(name))
    .flatMap((name) => {
      const containers = containersWithout(pod, name);
      return containers.length === 0 ? [] : [`${name} for: ${containers.join(',')}`];
    })
    .join('; ');
}

function containersWithout({ spec }: Pod, name: string): string[] {
  const field = name.startsWith('limits.') ? 'limits' : 'requests';
  const resource = name.replace(/^(requests|limits)\./, '');
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const without = containers.filter(({ resources }) => resources?.[field]?.[resource] === undefined);
  return [...new Set(without.map((container) => container.name))].sort();
}
