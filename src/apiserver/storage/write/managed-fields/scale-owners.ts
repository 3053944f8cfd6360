/**
 * The owners of a Scale: those who own the replicas of what it shows. What they own of the Scale is written
 * back as those replicas, under the version of the request.
 */

import { difference, emptySet, has, isEmpty, setOf } from '#api/fields/field-set.ts';
import { fieldElement } from '#api/fields/path-element.ts';
import type { ManagedFieldsEntry } from '#api/meta/object.ts';
import { type Entries, entriesOf, type Owner, type Owners, ownersOf, withSet } from './owners.ts';

const scaleVersion = 'autoscaling/v1';
const scalePath = ['spec', 'replicas'].map(fieldElement);

/** Where each version of the scaled kind has its replicas. */
export interface ReplicasPaths {
  readonly apiVersion: string;
  of(apiVersion: string): readonly string[] | undefined;
}

export function ownersOfScale(
  entries: Entries | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const owners: Owners = new Map();
  for (const [id, owner] of ownersOf(entries)) {
    const path = paths.of(owner.apiVersion)?.map(fieldElement);
    if (!path || !has(owner.set, path)) continue;
    owners.set(id, { ...withSet(owner, setOf(scalePath)), apiVersion: scaleVersion });
  }
  return entriesOf(owners);
}

export function ownersOfScaled(
  entries: Entries | undefined,
  scaleEntries: Entries | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const before = ownersOf(entries);
  const ofScale = ownersOf(scaleEntries);
  const owners: Owners = new Map();
  for (const [id, owner] of before) {
    const path = paths.of(owner.apiVersion)?.map(fieldElement);
    if (!path) continue;
    const isKept = !has(owner.set, path) || ofScale.delete(id);
    const left = isKept ? owner : withSet(owner, difference(owner.set, setOf(path)));
    if (!isEmpty(left.set)) owners.set(id, left);
  }
  const own = paths.of(paths.apiVersion)?.map(fieldElement);
  for (const [id, owner] of ofScale) {
    if (has(owner.set, scalePath)) owners.set(id, scaled(owner, own, before.get(id), paths.apiVersion));
  }
  return entriesOf(owners);
}

/** As upstream: the time is that of the owner it was before, if it was one. */
function scaled(
  owner: Owner,
  path: readonly string[] | undefined,
  before: Owner | undefined,
  apiVersion: string,
): Owner {
  const { entry: _, ...rest } = owner;
  return { ...rest, apiVersion, time: before?.time, set: path ? setOf(path) : emptySet };
}
