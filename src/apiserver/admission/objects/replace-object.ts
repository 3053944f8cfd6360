/**
 * What an admission plugin has made of the object that is written: read as its kind, with its defaults, and put in
 * its place.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { internalError } from '#api/meta/status.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { noteEmptyOf } from '#api/schema/empty-collections.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { claimedKind, kindFieldsProblem, kindProblem } from '../../codec/decode/check-kind.ts';
import { readAs, unknownFields } from '../../codec/decode/read-object.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Resources } from '../../registry/resources.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import { expectedKind } from '../../storage/read/target.ts';
import { readManagers } from '../../storage/write/managed-fields/field-managers.ts';
import { convertSlowly } from './equivalents.ts';
import type { ObjectViews } from './shown-objects.ts';
import { shownType } from './shown-type.ts';

/**
 * `made`: of the object as it is shown in the version `type`, of which it shares nothing. Whether it differs from it;
 * a StatusError where it is no object of the kind. `isStrict`: fields that a built-in kind does not have are refused.
 */
export async function replaceObject(
  resources: Resources,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  type: ResourceType,
  made: AnyObject,
  isStrict = false,
): Promise<boolean> {
  const shown = views.object(type)!;
  readPatched(resources, attributes, type, shown, made, isStrict);
  const isChanged = !equalJson(shown, made);
  putInPlace(attributes, await convertSlowly(resources, made, type, attributes.type));
  views.changed();
  return isChanged;
}

/** Unknown fields are dropped or refused; what does not fit its field refuses the request. */
function readPatched(
  resources: Resources,
  attributes: AdmissionAttributes,
  type: ResourceType,
  shown: AnyObject,
  patched: AnyObject,
  isStrict: boolean,
): void {
  const served = resources.of(type);
  const isOwnKind = shown.kind === type.kind;
  const problem =
    kindFieldsProblem(patched) ?? changedKind(shown, patched, isOwnKind ? expectedKind(served) : undefined);
  if (problem) throw internalError(problem);
  try {
    const unknown = isOwnKind
      ? readAs(expectedKind(served), patched, { isMerged: true })
      : readOtherKind(served, shown, patched);
    if (isStrict && unknown.length > 0) {
      throw internalError(`strict decoding error: ${unknownFields(unknown).join(', ')}`);
    }
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
  if (isOwnKind && attributes.operation !== 'CONNECT') served.strategy.setDefaults?.(patched);
}

function readOtherKind(served: ServedResource, shown: AnyObject, patched: AnyObject): string[] {
  const type = shownType(served, shown);
  return type === undefined ? [] : decodeInto(served.schema, type, patched, { isMerged: true });
}

function changedKind(
  shown: AnyObject,
  patched: AnyObject,
  expected: ReturnType<typeof expectedKind> | undefined,
): string | undefined {
  if (patched.kind === shown.kind && patched.apiVersion === shown.apiVersion) return undefined;
  if (expected) return kindProblem(claimedKind(patched, expected), expected);
  return `no kind "${patched.kind}" is registered for version "${patched.apiVersion}"`;
}

/** Keeps the identity of the written object, in memory and in its metadata: uid, creation time, drawn name. */
function putInPlace(attributes: AdmissionAttributes, patched: AnyObject): void {
  const object = attributes.object!;
  const { uid, creationTimestamp, name, managedFields } = object.metadata ?? {};
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, patched);
  noteEmptyOf(patched, object);
  if (attributes.operation === 'CREATE' && object.metadata) {
    if (uid !== undefined) object.metadata.uid = uid;
    if (creationTimestamp !== undefined) object.metadata.creationTimestamp = creationTimestamp;
    if (attributes.isNameDrawn && !object.metadata.name && name !== undefined) object.metadata.name = name;
  }
  keepManagers(attributes, managedFields);
}

/** A plugin that does not know managed fields may have broken them. */
function keepManagers({ object, warn }: AdmissionAttributes, before: Entries): void {
  const metadata = object?.metadata;
  if (!metadata?.managedFields) return;
  const managers = readManagers(metadata.managedFields);
  if (typeof managers !== 'string') return;
  if (before) metadata.managedFields = before;
  else delete metadata.managedFields;
  warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${managers}`,
  );
}

type Entries = NonNullable<AnyObject['metadata']>['managedFields'];
