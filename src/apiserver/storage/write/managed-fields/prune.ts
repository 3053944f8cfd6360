/** Removes from a merged object the fields that its applier no longer applies, unless a manager owns them. */

import { appliedSet } from '#api/fields/applied-set.ts';
import type { FieldSchema } from '#api/fields/field-schema.ts';
import {
  difference,
  type FieldSet,
  intersection,
  isEmpty,
  union,
  unionOfAll,
} from '#api/fields/field-set.ts';
import { withNamedFields } from '#api/fields/named-fields.ts';
import { removeItems } from '#api/fields/remove-items.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { OwnedKind } from '../../../registry/owned-kind.ts';
import type { VersionedKind } from './change-managers.ts';
import type { FieldManager, FieldManagers } from './field-managers.ts';

/** `own` is what the applier applies now, which `managers` has too, `last` what it applied before. */
export function prune(
  kind: VersionedKind,
  merged: AnyObject,
  managers: FieldManagers,
  own: FieldManager,
  last: FieldManager,
): AnyObject {
  // The usual case: what it applied before is applied again.
  if (last.apiVersion === own.apiVersion && isEmpty(difference(last.set, own.set))) return merged;
  const version = viewOf(kind, last.apiVersion);
  // The manager applied in a version that is no longer served.
  if (!version) return merged;
  const seen = version.convert(merged);
  const { schema } = version.kind;
  let pruned = withoutItems(schema, seen, withNamedFields(schema, last.set));
  pruned = withOwned(kind, merged, pruned, last.apiVersion, managers);
  pruned = withDangling(schema, seen, pruned, last.set);
  return version.back(pruned);
}

interface View {
  readonly kind: OwnedKind;
  convert(object: AnyObject): AnyObject;
  back(object: AnyObject): AnyObject;
}

function viewOf(kind: VersionedKind, apiVersion: string): View | undefined {
  const same = (object: AnyObject) => object;
  if (apiVersion === kind.apiVersion) return { kind, convert: same, back: same };
  const other = kind.inVersion(apiVersion);
  return other && { kind: other.kind, convert: other.convert, back: other.back };
}

function withoutItems(schema: FieldSchema, object: AnyObject, items: FieldSet): AnyObject {
  return (removeItems(schema, object, items) ?? {}) as AnyObject;
}

/** Puts back the fields that other managers own, or that the applier still owns. */
function withOwned(
  kind: VersionedKind,
  merged: AnyObject,
  pruned: AnyObject,
  prunedVersion: string,
  managers: FieldManagers,
): AnyObject {
  const sets = new Map<string, FieldSet[]>([[prunedVersion, []]]);
  for (const { apiVersion, set } of managers.values()) {
    const known = sets.get(apiVersion);
    if (known) known.push(set);
    else sets.set(apiVersion, [set]);
  }
  const first = viewOf(kind, prunedVersion)!;
  let left = first.back(pruned);
  for (const [apiVersion, owned] of sets) {
    const version = viewOf(kind, apiVersion);
    if (!version) continue;
    left = version.back(addBack(version, version.convert(merged), version.convert(left), unionOfAll(owned)));
  }
  return first.convert(left);
}

function addBack(
  { kind: { schema } }: View,
  merged: AnyObject,
  pruned: AnyObject,
  owned: FieldSet,
): AnyObject {
  const named = (set: FieldSet) => withNamedFields(schema, set);
  const kept = union(named(appliedSet(schema, pruned)), named(owned));
  return withoutItems(schema, merged, difference(named(appliedSet(schema, merged)), kept));
}

/** Puts back the fields that the applier never owned: they have no manager, or one that only updates. */
function withDangling(schema: FieldSchema, merged: AnyObject, pruned: AnyObject, last: FieldSet): AnyObject {
  const named = (set: FieldSet) => withNamedFields(schema, set);
  const gone = difference(named(appliedSet(schema, merged)), named(appliedSet(schema, pruned)));
  return withoutItems(schema, merged, intersection(gone, named(last)));
}
