/** What a change of an object does to its field managers: changed fields are taken from all but the writer. */

import { type Comparison, compare } from '#api/fields/compare.ts';
import { difference, emptySet, type FieldSet, intersection, isEmpty, setOf } from '#api/fields/field-set.ts';
import { fieldElement } from '#api/fields/path-element.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { containersMax } from '#wire/json/values-limit.ts';
import type { OwnedKind } from '../../../registry/owned-kind.ts';
import { type FieldManager, type FieldManagers, withSet } from './field-managers.ts';

/** A kind, and how to see its objects in other versions of it. */
export interface VersionedKind extends OwnedKind {
  inVersion(apiVersion: string): OtherVersion | undefined;
}

export interface OtherVersion {
  readonly kind: OwnedKind;
  /** Neither changes its argument. */
  convert(object: AnyObject): AnyObject;
  back(object: AnyObject): AnyObject;
}

const never = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation'];
/** What the server sets in every object has no manager. */
const strippedSet = setOf(
  ...['apiVersion', 'kind', 'metadata'].map((name) => [fieldElement(name)]),
  ...[...never, 'managedFields', 'resourceVersion'].map((name) => ['metadata', name].map(fieldElement)),
);

export function stripped(set: FieldSet): FieldSet {
  return difference(set, strippedSet);
}

export function compareOwned(
  kind: OwnedKind,
  subresource: string,
  before: unknown,
  after: unknown,
): Comparison {
  // What is stored of them is a part of the object.
  const { changed, removed } = compare(kind.schema, before, after, { left: containersMax });
  return { changed: kind.filter(subresource, changed), removed: kind.filter(subresource, removed) };
}

/** What changed, as seen in each version that a manager wrote in; undefined for a version that is not served. */
export class Changes {
  readonly #kind: VersionedKind;
  readonly #subresource: string;
  readonly #before: AnyObject;
  readonly #after: AnyObject;
  readonly #known = new Map<string, Comparison | undefined>();

  constructor(kind: VersionedKind, subresource: string, before: AnyObject, after: AnyObject) {
    this.#kind = kind;
    this.#subresource = subresource;
    this.#before = before;
    this.#after = after;
  }

  get own(): Comparison {
    return this.in(this.#kind.apiVersion)!;
  }

  in(apiVersion: string): Comparison | undefined {
    if (!this.#known.has(apiVersion)) this.#known.set(apiVersion, this.#compare(apiVersion));
    return this.#known.get(apiVersion);
  }

  #compare(apiVersion: string): Comparison | undefined {
    if (apiVersion === this.#kind.apiVersion) {
      return compareOwned(this.#kind, this.#subresource, this.#before, this.#after);
    }
    const other = this.#kind.inVersion(apiVersion);
    if (!other) return undefined;
    const [before, after] = [other.convert(this.#before), other.convert(this.#after)];
    return compareOwned(other.kind, this.#subresource, before, after);
  }
}

/** The fields that each manager but `self` owns and would lose, by `managerId`. */
export function conflictsOf(managers: FieldManagers, changes: Changes, self: string): Map<string, FieldSet> {
  const conflicts = new Map<string, FieldSet>();
  for (const [id, fieldManager] of managers) {
    const change = id === self ? undefined : changes.in(fieldManager.apiVersion);
    const lost = change ? intersection(fieldManager.set, change.changed) : emptySet;
    if (!isEmpty(lost)) conflicts.set(id, lost);
  }
  return conflicts;
}

/** In place. Managers that own nothing any more, or wrote in a version that is not served, are removed. */
export function takeFromOthers(managers: FieldManagers, changes: Changes, self: string | undefined): void {
  for (const [id, fieldManager] of managers) {
    const left = id === self ? fieldManager : remaining(fieldManager, changes);
    if (!left || isEmpty(left.set)) managers.delete(id);
    else if (left !== fieldManager) managers.set(id, left);
  }
}

function remaining(fieldManager: FieldManager, changes: Changes): FieldManager | undefined {
  const change = changes.in(fieldManager.apiVersion);
  if (!change) return undefined;
  return withSet(fieldManager, difference(difference(fieldManager.set, change.changed), change.removed));
}
