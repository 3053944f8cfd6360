/**
 * Refuses what would take a namespace over its quotas. Comes last, when the object is what it will be.
 * Reads: ResourceQuota and the counted objects. Upstream: ResourceQuota.
 *
 * Usage is what the cache holds at the moment of asking, not taken from the quota's status, so it cannot lag behind. What has been admitted but is not stored yet counts too: a burst of requests cannot pass the limit together. That
 * holds within one API server.
 */

import { persistentVolumeClaims, pods, resourceQuotas, services } from '#api/generated/kinds.gen.ts';
import type { Pod, ResourceQuota } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { forbidden } from '#api/meta/status.ts';
import { matchesScopes } from '#api/quota/scopes.ts';
import type { Usage } from '#api/quota/usage.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../../contract/contract.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { type QuotaLedgers, quotaUsage } from './quota-ledgers.ts';

/** Admitted objects on their way into the store, by namespace. */
type Pending = Map<string, Set<AdmissionAttributes>>;

export function resourceQuota(reader: ObjectReader, ledgers: QuotaLedgers): AdmissionPlugin {
  const pending: Pending = new Map();
  /** A promise only while what a quota counts has not been counted yet. */
  const validate = (attributes: AdmissionAttributes): Promise<void> | void => {
    const { type, namespace, object } = attributes;
    const quotas = readObjects(reader, resourceQuotas, namespace);
    const matching = quotas.filter((quota) => matchesScopes(quota, type, object!));
    for (const quota of matching) {
      const used = ledgers.used(quota, type);
      if (used instanceof Promise) return used.then(() => validate(attributes));
      check(quota, used, attributes, coming(reader, attributes, pending));
    }
    if (matching.length > 0 && attributes.operation === 'CREATE') hold(pending, attributes);
  };
  return {
    name: 'ResourceQuota',
    resources: ['*'],
    validate: (attributes) => (concerns(attributes) ? validate(attributes) : undefined),
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
  quota: ResourceQuota,
  stored: ReadonlyMap<string, Quantity>,
  { type, object, oldObject, name }: AdmissionAttributes,
  others: readonly AnyObject[],
): void {
  const hard = quota.spec?.hard ?? {};
  const requested = quotaUsage(quota, type, object!);
  const quotaName = quota.metadata?.name;
  const missing = type.resource === pods.resource ? unspecified(object as Pod, Object.keys(hard)) : '';
  if (missing) throw forbidden(type, name, `failed quota: ${quotaName}: must specify ${missing}`);
  const before = oldObject ? quotaUsage(quota, type, oldObject) : {};
  const names = Object.keys(requested).filter((key) => exceeds(requested[key]!, before[key]));
  if (names.length === 0) return;
  const coming = others.map((one) => quotaUsage(quota, type, one));
  const used = Object.fromEntries(names.map((key) => [key, sum(stored.get(key), coming, key)]));
  const over = names.filter((key) => {
    const delta = parseQuantity(requested[key]!).sub(parseQuantity(before[key] ?? '0'));
    return used[key]!.add(delta).compare(parseQuantity(hard[key]!)) > 0;
  });
  if (over.length === 0) return;
  const text = (values: Readonly<Record<string, Quantity | string>>) =>
    over.map((key) => `${key}=${values[key] ?? '0'}`).join(',');
  const parts = `requested: ${text(requested)}, used: ${text(used)}, limited: ${text(hard)}`;
  throw forbidden(type, name, `exceeded quota: ${quotaName}, ${parts}`);
}

function sum(stored: Quantity | undefined, coming: readonly Usage[], key: string): Quantity {
  let total = stored ?? zeroQuantity;
  for (const usage of coming) if (usage[key]) total = total.add(parseQuantity(usage[key]));
  return total;
}

function exceeds(after: string, before: string | undefined): boolean {
  return before === undefined || parseQuantity(after).compare(parseQuantity(before)) > 0;
}

/** What will be stored: an object is both for a moment, and counted once. */
function coming(
  reader: ObjectReader,
  { type, namespace }: AdmissionAttributes,
  pending: Pending,
): readonly AnyObject[] {
  const isStored = (object: AnyObject | undefined) =>
    reader.get(type, namespace, object?.metadata?.name ?? '')?.metadata?.uid === object?.metadata?.uid;
  return [...(pending.get(namespace) ?? [])]
    .filter(
      (one) => one.type.group === type.group && one.type.resource === type.resource && !isStored(one.object),
    )
    .map((one) => one.object!);
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
