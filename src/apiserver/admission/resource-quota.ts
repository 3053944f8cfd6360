/**
 * Refuses what would take a namespace over its quotas. Comes last, when the object is what it will be.
 * Reads: ResourceQuota and the counted objects. Upstream: ResourceQuota.
 *
 * Usage is counted from the cache at the moment of asking, not taken from the quota's status, so it cannot lag behind.
 * What has been admitted but is not stored yet counts too: a burst of requests cannot pass the limit together. That
 * holds within one API server.
 */

import { persistentVolumeClaims, pods, resourceQuotas, services } from '#api/kinds.gen.ts';
import type { AnyObject } from '#api/object.ts';
import { parseQuantity, zeroQuantity } from '#api/quantity.ts';
import { matchesScopes } from '#api/quota-scopes.ts';
import { type Usage, usageOf } from '#api/quota-usage.ts';
import { forbidden } from '#api/status.ts';
import type { Pod, ResourceQuota } from '#api/types.gen.ts';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../contract.ts';
import { readObjects } from '../typed-reader.ts';

/** Admitted objects on their way into the store, by namespace. */
type Pending = Map<string, Set<AdmissionAttributes>>;

export function resourceQuota(reader: ObjectReader): AdmissionPlugin {
  const pending: Pending = new Map();
  return {
    name: 'ResourceQuota',
    resources: ['*'],
    validate(attributes) {
      if (!concerns(attributes)) return;
      const quotas = readObjects(reader, resourceQuotas, attributes.namespace);
      const matching = quotas.filter((quota) => matchesScopes(quota, attributes.type, attributes.object!));
      for (const quota of matching) check(reader, quota, attributes, pending);
      if (matching.length > 0 && attributes.operation === 'CREATE') hold(pending, attributes);
    },
  };
}

function concerns({ operation, subresource, namespace, object, type }: AdmissionAttributes): boolean {
  if (subresource !== '' || namespace === '' || !object) return false;
  if (operation === 'CREATE') return true;
  const mayGrow = type.resource === services.resource || type.resource === persistentVolumeClaims.resource;
  return operation === 'UPDATE' && type.group === '' && mayGrow;
}

function hold(pending: Pending, attributes: AdmissionAttributes): void {
  if (attributes.dryRun || !attributes.afterwards) return;
  const { namespace } = attributes;
  const held = pending.get(namespace) ?? new Set();
  pending.set(namespace, held.add(attributes));
  attributes.afterwards(() => {
    held.delete(attributes);
    if (held.size === 0 && pending.get(namespace) === held) pending.delete(namespace);
  });
}

function check(
  reader: ObjectReader,
  quota: ResourceQuota,
  attributes: AdmissionAttributes,
  pending: Pending,
): void {
  const { type, object, oldObject, name } = attributes;
  const hard = quota.spec?.hard ?? {};
  const limited = Object.keys(hard);
  const requested = only(usageOf(type, object!), limited);
  const quotaName = quota.metadata?.name;
  const missing = type.resource === pods.resource ? unspecified(object as Pod, limited) : '';
  if (missing) throw forbidden(type, name, `failed quota: ${quotaName}: must specify ${missing}`);
  const before = oldObject ? only(usageOf(type, oldObject), limited) : {};
  const names = Object.keys(requested).filter((key) => exceeds(requested[key]!, before[key]));
  if (names.length === 0) return;
  const used = usedNow(quota, limited, countedObjects(reader, attributes, pending), type);
  const over = names.filter((key) => {
    const delta = parseQuantity(requested[key]!).sub(parseQuantity(before[key] ?? '0'));
    return (
      parseQuantity(used[key] ?? '0')
        .add(delta)
        .compare(parseQuantity(hard[key]!)) > 0
    );
  });
  if (over.length === 0) return;
  const text = (values: Usage) => over.map((key) => `${key}=${values[key] ?? '0'}`).join(',');
  const parts = `requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`;
  throw forbidden(type, name, `exceeded quota: ${quotaName}, ${parts}`);
}

function only(usage: Usage, names: readonly string[]): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([key]) => names.includes(key)));
}

function exceeds(after: string, before: string | undefined): boolean {
  return before === undefined || parseQuantity(after).compare(parseQuantity(before)) > 0;
}

/** Stored ones, and those that will be: an object is among both for a moment, and counted once. */
function countedObjects(
  reader: ObjectReader,
  { type, namespace }: AdmissionAttributes,
  pending: Pending,
): AnyObject[] {
  const isStored = (object: AnyObject | undefined) =>
    reader.get(type, namespace, object?.metadata?.name ?? '')?.metadata?.uid === object?.metadata?.uid;
  const coming = [...(pending.get(namespace) ?? [])].filter(
    (one) => one.type.group === type.group && one.type.resource === type.resource && !isStored(one.object),
  );
  return [...reader.list(type, namespace), ...coming.map((one) => one.object!)];
}

function usedNow(
  quota: ResourceQuota,
  limited: readonly string[],
  objects: readonly AnyObject[],
  type: AdmissionAttributes['type'],
): Usage {
  const sums: Record<string, ReturnType<typeof parseQuantity>> = {};
  for (const object of objects) {
    if (!matchesScopes(quota, type, object)) continue;
    for (const [key, value] of Object.entries(only(usageOf(type, object), limited))) {
      sums[key] = (sums[key] ?? zeroQuantity).add(parseQuantity(value));
    }
  }
  return Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, sum.toString()]));
}

const computeNames = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** A quota on a compute resource makes every container say how much of it it wants. */
function unspecified(pod: Pod, limited: readonly string[]): string {
  const complaints = new Map<string, string[]>();
  for (const key of computeNames.filter((name) => limited.includes(name))) {
    const field = key.startsWith('limits.') ? 'limits' : 'requests';
    const resource = key.replace(/^(requests|limits)\./, '');
    for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
      if (container.resources?.[field]?.[resource] !== undefined) continue;
      complaints.set(key, [...(complaints.get(key) ?? []), container.name]);
    }
  }
  return [...complaints].map(([key, names]) => `${key} for: ${names.join(',')}`).join('; ');
}
