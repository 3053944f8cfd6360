/**
 * Brings a cluster's default objects into being and, at every later start, back to what they must be.
 *
 * As upstream reconciles them: missing rules and subjects are added, additional ones are kept, and objects
 * whose `autoupdate` annotation says `false` are left alone. The `kubernetes` service's endpoints follow the
 * server's address.
 */

import { isDeepStrictEqual } from 'node:util';
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  endpointSlices,
  endpoints,
  namespaces,
  priorityClasses,
  roleBindings,
  roles,
  services,
} from '#api/generated/kinds.gen.ts';
import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { autoUpdateAnnotation } from '../authz/rule.ts';
import { uncovered } from '../authz/rules.ts';
import { type BootstrapOptions, bootstrapObjects, keyOf } from './objects.ts';

/** In this order; objects of one kind are made side by side, so that they share the store's commits. */
const kindsInOrder: readonly ResourceType[] = [
  namespaces,
  clusterRoles,
  clusterRoleBindings,
  roles,
  roleBindings,
  priorityClasses,
  configMaps,
  services,
  endpoints,
  endpointSlices,
];

/** `client` must act as a member of `system:masters`. */
export async function ensureBootstrap(client: Client, options: BootstrapOptions): Promise<void> {
  const objects = bootstrapObjects(options);
  await ensureAll(client, namespaces, objects);
  await Promise.all(kindsInOrder.slice(1).map((type) => ensureAll(client, type, objects)));
}

/** What leads to the API server itself: its service and, unless it is on loopback, that one's endpoints. */
export function kubernetesServiceParts(options: BootstrapOptions): ResourceType[] {
  const kinds = new Set(bootstrapObjects(options).map((object) => object.kind));
  return [services, endpoints, endpointSlices].filter((type) => kinds.has(type.kind));
}

/** They must exist even after they were deleted. */
export async function ensureKubernetesService(client: Client, options: BootstrapOptions): Promise<void> {
  const objects = bootstrapObjects(options);
  await Promise.all(kubernetesServiceParts(options).map((type) => ensureAll(client, type, objects)));
}

async function ensureAll(client: Client, type: ResourceType, objects: readonly KubeObject[]): Promise<void> {
  const wanted = objects.filter((object) => object.kind === type.kind);
  const found = await existing(client, type, wanted);
  await Promise.all(wanted.map((object) => ensure(client, type, object, found.get(idOf(object)))));
}

async function existing(
  client: Client,
  type: ResourceType,
  wanted: readonly KubeObject[],
): Promise<Map<string, Stored<KubeObject>>> {
  // Only the few default roles are listed whole; of the kinds users fill, the one object is read.
  const mayBeMany = type === configMaps || type === services || type === endpoints || type === endpointSlices;
  const items = mayBeMany
    ? await Promise.all(wanted.map((object) => client.get(type, keyOf(object)).catch(absent)))
    : (await client.list(type)).items;
  return new Map(items.flatMap((item) => (item ? [[idOf(item), item] as const] : [])));
}

function idOf(object: KubeObject): string {
  return `${object.metadata?.namespace ?? ''}/${object.metadata?.name}`;
}

async function ensure(
  client: Client,
  type: ResourceType,
  wanted: KubeObject,
  found: Stored<KubeObject> | undefined,
): Promise<void> {
  if (!found) {
    await client.create(type, wanted).catch(unlessAlreadyThere);
    return;
  }
  const corrected = reconciled(type, wanted, found);
  if (corrected) await client.update(type, corrected);
}

/** The stored object with the missing rules or subjects added; undefined when nothing is missing. */
function reconciled(type: ResourceType, wanted: KubeObject, found: KubeObject): KubeObject | undefined {
  if (found.metadata?.annotations?.[autoUpdateAnnotation] === 'false') return undefined;
  const corrected = correctedFields(type, wanted, found);
  if (!corrected) return undefined;
  return { ...found, ...corrected };
}

function correctedFields(type: ResourceType, wanted: KubeObject, found: KubeObject): object | undefined {
  switch (type) {
    case clusterRoles:
    case roles:
      return missingRules(wanted as ClusterRole, found as ClusterRole);
    case clusterRoleBindings:
    case roleBindings:
      return missingSubjects(wanted as RoleBinding, found as RoleBinding);
    case endpoints:
      return differing(wanted, found, ['subsets']);
    case endpointSlices:
      return differing(wanted, found, ['endpoints', 'ports']);
    case configMaps:
      return differing(wanted, found, ['data']);
    default:
      return undefined;
  }
}

function missingRules(wanted: ClusterRole, found: ClusterRole): object | undefined {
  const rules: PolicyRule[] = wanted.rules ?? [];
  // An aggregated role's rules belong to the aggregation controller.
  const missing = wanted.aggregationRule ? [] : uncovered(found.rules ?? [], rules);
  return missing.length === 0 ? undefined : { rules: [...(found.rules ?? []), ...missing] };
}

function missingSubjects(wanted: RoleBinding, found: RoleBinding): object | undefined {
  const has = (name: string, kind: string) =>
    found.subjects?.some((subject) => subject.name === name && subject.kind === kind);
  const missing = (wanted.subjects ?? []).filter((subject) => !has(subject.name, subject.kind));
  return missing.length === 0 ? undefined : { subjects: [...(found.subjects ?? []), ...missing] };
}

function differing(wanted: object, found: object, fields: readonly string[]): object | undefined {
  const want = wanted as Record<string, unknown>;
  const have = found as Record<string, unknown>;
  const changed = fields.filter((field) => !isDeepStrictEqual(want[field], have[field]));
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((field) => [field, want[field]]));
}

function absent(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined;
  throw error;
}

/** Another API server starting beside this one was faster. */
function unlessAlreadyThere(error: unknown): undefined {
  if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
}
