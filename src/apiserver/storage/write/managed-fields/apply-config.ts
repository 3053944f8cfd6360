/**
 * Server-side apply of one configuration: the applier owns the fields that it mentions, with its values.
 *
 * 1. Merge the configuration into the live object.
 * 2. Remove the fields that the applier set last time and no longer mentions, unless another manager owns them.
 * 3. Take the changed fields from other managers: a conflict, unless `force` is set.
 */

import { appliedSet } from '#api/fields/applied-set.ts';
import type { FieldSchema } from '#api/fields/field-schema.ts';
import { equals, type FieldSet, isEmpty } from '#api/fields/field-set.ts';
import { merge } from '#api/fields/merge.ts';
import { reconcile } from '#api/fields/reconcile.ts';
import { validate } from '#api/fields/validate.ts';
import { kindText } from '#api/go/kind-text.ts';
import type { AnyObject, ManagedFieldsEntry } from '#api/meta/object.ts';
import { badRequest, unknownError } from '#api/meta/status.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { copyJson } from '#base/copy-json.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { Changes, conflictsOf, stripped, takeFromOthers, type VersionedKind } from './change-managers.ts';
import { applyConflict } from './conflicts.ts';
import {
  entriesOf,
  type FieldManager,
  type FieldManagers,
  managerId,
  managersOf,
  withSet,
  withTime,
} from './field-managers.ts';
import { mayTake, withLastApplied } from './last-applied.ts';
import { addManager, type Writer } from './manage-update.ts';
import { prune } from './prune.ts';

export interface Applier extends Writer {
  readonly force: boolean;
}

/** Owns the fields that an object without managedFields has when a configuration is first applied to it. */
const beforeFirstApply = 'before-first-apply';

export interface Applied {
  readonly object: AnyObject;
  /** Nothing has changed but managedFields and kubectl's last-applied annotation. */
  readonly isAsBefore: boolean;
}

/**
 * The new object with its managedFields. `live` is undefined when the object does not exist yet; the result
 * shares parts with it.
 */
export function applyConfig(
  kind: VersionedKind,
  live: AnyObject | undefined,
  config: AnyObject,
  applier: Applier,
): Applied {
  checkConfig(kind, config);
  const { managedFields = [], ...metadata } = live?.metadata ?? {};
  const before = live ? { ...live, metadata } : ({} as AnyObject);
  const managers = managersOf(managedFields);
  for (const [id, fieldManager] of managers) {
    const schema = schemaIn(kind, fieldManager.apiVersion);
    if (schema) managers.set(id, withSet(fieldManager, reconcile(schema, fieldManager.set)));
  }
  if (live && managers.size === 0) beginManagers(managers, kind, before, applier);
  const outcome = applyTo(kind, before, config, managers, applier);
  const after = withLastApplied(outcome.object, config, applier.manager);
  const entries = entriesOf(outcome.managers);
  const object = { ...after, metadata: withEntries(after, entries) };
  return { object, isAsBefore: outcome.object === before };
}

/** A type may be one whole in one version and not in another: CrossVersionObjectReference of autoscaling v1 and v2. */
function schemaIn(kind: VersionedKind, apiVersion: string): FieldSchema | undefined {
  return apiVersion === kind.apiVersion ? kind.schema : kind.inVersion(apiVersion)?.kind.schema;
}

function withEntries({ metadata }: AnyObject, managedFields: ManagedFieldsEntry[] | undefined) {
  return managedFields ? { ...metadata, managedFields } : { ...metadata };
}

const entryType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry';

/** Upstream takes a list with an entry that cannot be read for none: it is refused later, as any misfit is. */
function givesManagers({ metadata }: AnyObject): boolean {
  const given: unknown = metadata?.managedFields;
  return Array.isArray(given) && given.every(isEntry);
}

function isEntry(entry: unknown): boolean {
  try {
    decodeInto(loadSchema(), entryType, copyJson(entry), { isConverted: true });
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

function checkConfig(kind: VersionedKind, config: AnyObject): void {
  const claimed = kindText(config);
  if (claimed !== kind.name) throw badRequest(`invalid object type: ${claimed}`);
  if (givesManagers(config)) throw badRequest('metadata.managedFields must be nil');
  const problem = validate(kind.schema, config);
  if (problem === undefined) return;
  const configField = `${configName(config)}; ${claimed}`;
  throw unknownError(`failed to create typed patch object (${configField}): ${problem}`);
}

/** `namespace/name`, as messages show it. */
export function configName({ metadata }: AnyObject): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return `${text(metadata?.namespace)}/${text(metadata?.name)}`;
}

function beginManagers(
  managers: FieldManagers,
  kind: VersionedKind,
  live: AnyObject,
  applier: Applier,
): void {
  const changes = new Changes(kind, applier.subresource, kind.empty as AnyObject, live);
  addManager(managers, kind, changes, { ...applier, manager: beforeFirstApply });
}

interface Outcome {
  readonly object: AnyObject;
  readonly managers: FieldManagers;
}

function applyTo(
  kind: VersionedKind,
  live: AnyObject,
  config: AnyObject,
  known: FieldManagers,
  applier: Applier,
): Outcome {
  const managers = new Map(known);
  const own: FieldManager = {
    manager: applier.manager || 'unknown',
    operation: 'Apply',
    apiVersion: kind.apiVersion,
    subresource: applier.subresource,
    time: undefined,
    set: kind.filter(applier.subresource, appliedSet(kind.schema, config)),
  };
  const id = managerId(own);
  const last = managers.get(id);
  managers.set(id, own);
  const merged = merge(kind.schema, live, config) as AnyObject;
  const object = last ? prune(kind, merged, managers, own, last) : merged;
  const changes = new Changes(kind, applier.subresource, live, object);
  refuseConflicts(kind, live, managers, changes, id, applier);
  takeFromOthers(managers, changes, id);
  const isSame = equalJson(live, object);
  putOwn(managers, id, { ...own, time: last?.time }, last, isSame ? undefined : applier.now);
  return { object: isSame ? live : object, managers };
}

/** A set of fields that has not changed keeps its entry, and with it its encoded form. */
function putOwn(
  managers: FieldManagers,
  id: string,
  own: FieldManager,
  last: FieldManager | undefined,
  now: string | undefined,
): void {
  const set = stripped(own.set);
  if (isEmpty(set)) {
    managers.delete(id);
    return;
  }
  const isKept = last && last.apiVersion === own.apiVersion && equals(last.set, set);
  const fieldManager = isKept ? last : { ...own, set };
  managers.set(id, now === undefined ? fieldManager : withTime(fieldManager, now));
}

function refuseConflicts(
  kind: VersionedKind,
  live: AnyObject,
  managers: FieldManagers,
  changes: Changes,
  self: string,
  { force, manager }: Applier,
): void {
  if (force) return;
  const conflicts = conflictsOf(managers, changes, self);
  if (conflicts.size === 0) return;
  const left = manager === 'kubectl' ? mayTake(kind, live, conflicts) : conflicts;
  if (left.size === 0) return;
  const byId = [...left].sort(([a], [b]) => (a < b ? -1 : 1));
  throw applyConflict(byId.map(([id, set]): [FieldManager, FieldSet] => [managers.get(id)!, set]));
}
