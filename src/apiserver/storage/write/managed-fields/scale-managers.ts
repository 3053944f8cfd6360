/**
 * The field managers of a Scale: the managers of the replicas field of the scaled object. Managers that a
 * write of the Scale adds become managers of that field, in the version of the request.
 */

import { difference, emptySet, has, isEmpty, setOf } from '#api/fields/field-set.ts';
import { fieldElement } from '#api/fields/path-element.ts';
import type { ManagedFieldsEntry } from '#api/meta/object.ts';
import {
  type Entries,
  entriesOf,
  type FieldManager,
  type FieldManagers,
  managersOf,
  withSet,
} from './field-managers.ts';

const scaleVersion = 'autoscaling/v1';
const scalePath = ['spec', 'replicas'].map(fieldElement);

/** Where each version of the scaled kind has its replicas. */
export interface ReplicasPaths {
  readonly apiVersion: string;
  of(apiVersion: string): readonly string[] | undefined;
}

export function managersOfScale(
  entries: Entries | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const managers: FieldManagers = new Map();
  for (const [id, fieldManager] of managersOf(entries)) {
    const path = paths.of(fieldManager.apiVersion)?.map(fieldElement);
    if (!path || !has(fieldManager.set, path)) continue;
    managers.set(id, { ...withSet(fieldManager, setOf(scalePath)), apiVersion: scaleVersion });
  }
  return entriesOf(managers);
}

export function managersOfScaled(
  entries: Entries | undefined,
  scaleEntries: Entries | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const before = managersOf(entries);
  const ofScale = managersOf(scaleEntries);
  const managers: FieldManagers = new Map();
  for (const [id, fieldManager] of before) {
    const path = paths.of(fieldManager.apiVersion)?.map(fieldElement);
    if (!path) continue;
    const isKept = !has(fieldManager.set, path) || ofScale.delete(id);
    const left = isKept ? fieldManager : withSet(fieldManager, difference(fieldManager.set, setOf(path)));
    if (!isEmpty(left.set)) managers.set(id, left);
  }
  const own = paths.of(paths.apiVersion)?.map(fieldElement);
  for (const [id, fieldManager] of ofScale) {
    if (has(fieldManager.set, scalePath)) {
      managers.set(id, scaled(fieldManager, own, before.get(id), paths.apiVersion));
    }
  }
  return entriesOf(managers);
}

/** As upstream: the time is the one that the manager had in the scaled object, if it was there. */
function scaled(
  fieldManager: FieldManager,
  path: readonly string[] | undefined,
  before: FieldManager | undefined,
  apiVersion: string,
): FieldManager {
  const { entry: _, ...rest } = fieldManager;
  return { ...rest, apiVersion, time: before?.time, set: path ? setOf(path) : emptySet };
}
