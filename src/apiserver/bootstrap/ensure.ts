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
import type { ClusterRole, PolicyRule, RoleBinding, Service } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { autoUpdateAnnotation } from '../authz/rule.ts';
import { uncovered } from '../authz/rules.ts';
import { authenticationConfig, type BootstrapOptions, bootstrapObjects, keyOf } from './objects.ts';

interface EnsuredKind {
  readonly type: ResourceType;
  /** Users fill it: its default objects are read one by one, not by a list of all. */
  readonly mayBeMany?: boolean;
  /** The fields of what is there that must be others; undefined when nothing is missing. */
  readonly corrected?: (wanted: KubeObject, found: KubeObject) => object | undefined;
}

const serviceKinds: readonly EnsuredKind[] = [
  { type: services, mayBeMany: true, corrected: otherNodePort },
  { type: endpoints, mayBeMany: true, corrected: differing('subsets') },
  { type: endpointSlices, mayBeMany: true, corrected: differing('endpoints', 'ports') },
];

const namespaceKind: EnsuredKind = { type: namespaces };

/** Objects of one kind are made side by side, so that they share the store's commits. */
const otherKinds: readonly EnsuredKind[] = [
  { type: clusterRoles, corrected: missingRules },
  { type: clusterRoleBindings, corrected: missingSubjects },
  { type: roles, corrected: missingRules },
  { type: roleBindings, corrected: missingSubjects },
  { type: priorityClasses },
  { type: configMaps, mayBeMany: true, corrected: differing('data') },
  ...serviceKinds,
];

/** `client` must act as a member of `system:masters`. */
export async function ensureBootstrap(client: Client, options: BootstrapOptions): Promise<void> {
  const objects = bootstrapObjects(options);
  await ensureAll(client, namespaceKind, objects);
  await Promise.all(otherKinds.map((kind) => ensureAll(client, kind, objects)));
}

/** What leads to the API server itself: its service and, unless it is on loopback, that one's endpoints. */
export function kubernetesServiceParts(options: BootstrapOptions): ResourceType[] {
  return serviceKindsIn(bootstrapObjects(options)).map(({ type }) => type);
}

function serviceKindsIn(objects: readonly KubeObject[]): EnsuredKind[] {
  const kinds = new Set(objects.map((object) => object.kind));
  return serviceKinds.filter(({ type }) => kinds.has(type.kind));
}

/** The service, its endpoints and its slice are created again after they were deleted. */
export async function ensureKubernetesService(client: Client, options: BootstrapOptions): Promise<void> {
  const objects = bootstrapObjects(options);
  await Promise.all(serviceKindsIn(objects).map((kind) => ensureAll(client, kind, objects)));
}

/** What extension API servers trust: it follows the authorities of this server. */
export async function ensureAuthenticationConfig(client: Client, options: BootstrapOptions): Promise<void> {
  const kind = { type: configMaps, mayBeMany: true, corrected: differing('data') };
  await ensureAll(client, kind, [authenticationConfig(options)]);
}

async function ensureAll(client: Client, kind: EnsuredKind, objects: readonly KubeObject[]): Promise<void> {
  const wanted = objects.filter((object) => object.kind === kind.type.kind);
  const found = await existing(client, kind, wanted);
  await Promise.all(wanted.map((object) => ensure(client, kind, object, found.get(idOf(object)))));
}

async function existing(
  client: Client,
  { type, mayBeMany = false }: EnsuredKind,
  wanted: readonly KubeObject[],
): Promise<Map<string, Stored<KubeObject>>> {
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
  { type, corrected }: EnsuredKind,
  wanted: KubeObject,
  found: Stored<KubeObject> | undefined,
): Promise<void> {
  if (!found) {
    await client.create(type, wanted).catch(unlessAlreadyThere);
    return;
  }
  if (found.metadata.annotations?.[autoUpdateAnnotation] === 'false') return;
  const fields = corrected?.(wanted, found);
  if (fields) await client.update(type, { ...found, ...fields });
}

function missingRules(wanted: Partial<ClusterRole>, found: Partial<ClusterRole>): object | undefined {
  const rules: PolicyRule[] = wanted.rules ?? [];
  // An aggregated role's rules belong to the aggregation controller.
  const missing = wanted.aggregationRule ? [] : uncovered(found.rules ?? [], rules);
  return missing.length === 0 ? undefined : { rules: [...(found.rules ?? []), ...missing] };
}

function missingSubjects(wanted: Partial<RoleBinding>, found: Partial<RoleBinding>): object | undefined {
  const has = (name: string, kind: string) =>
    found.subjects?.some((subject) => subject.name === name && subject.kind === kind);
  const missing = (wanted.subjects ?? []).filter((subject) => !has(subject.name, subject.kind));
  return missing.length === 0 ? undefined : { subjects: [...(found.subjects ?? []), ...missing] };
}

/** As upstream: the service has the node port that is set, or none. */
function otherNodePort(wanted: Partial<Service>, found: Partial<Service>): object | undefined {
  const { type, ports } = wanted.spec ?? {};
  const isSame = type === found.spec?.type && ports?.[0]?.nodePort === found.spec?.ports?.[0]?.nodePort;
  return isSame ? undefined : { spec: { ...found.spec, type, ports } };
}

function differing(...fields: readonly string[]) {
  return (wanted: object, found: object): object | undefined => {
    const want = wanted as Record<string, unknown>;
    const have = found as Record<string, unknown>;
    const changed = fields.filter((field) => !isDeepStrictEqual(want[field], have[field]));
    if (changed.length === 0) return undefined;
    return Object.fromEntries(changed.map((field) => [field, want[field]]));
  };
}

function absent(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined;
  throw error;
}

/** Another API server starting beside this one was faster. */
function unlessAlreadyThere(error: unknown): undefined {
  if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
}
