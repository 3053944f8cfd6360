/**
 * The patch of a mutating webhook, applied to the object as the webhook was shown it, read as its kind, with
 * its defaults, and put in the place of the object that is written.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { internalError, StatusError, serviceUnavailable } from '#api/meta/status.ts';
import { decodeInto } from '#api/schema/decode.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { applyJsonPatch, PatchApplyError, PatchFormatError } from '#wire/patch/json-patch.ts';
import { claimedKind, kindFieldsProblem, kindProblem } from '../../codec/decode/check-kind.ts';
import { parseJsonBody, UnreadableBody } from '../../codec/decode/parse-body.ts';
import { readAs } from '../../codec/decode/read-object.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { expectedKind } from '../../storage/read/target.ts';
import { readOwners } from '../../storage/write/managed-fields/owners.ts';
import { convertSlowly } from '../equivalents.ts';
import type { AdmissionResponse } from './admission-response.ts';
import { CallFailed } from './call-hook.ts';
import type { MetHook } from './hook-source.ts';
import type { ObjectViews } from './shown-objects.ts';

export interface Patched {
  readonly patch: readonly unknown[];
  readonly isChanged: boolean;
}

/** Undefined when there is nothing to do. */
export async function patchObject(
  resources: Resources,
  { hook, type }: MetHook,
  attributes: AdmissionAttributes,
  views: ObjectViews,
  response: AdmissionResponse,
): Promise<Patched | undefined> {
  const patch = patchIn(response, hook.name);
  if (patch.length === 0) return undefined;
  const { object } = attributes;
  if (!object) {
    const why = `admission webhook "${hook.name}" attempted to modify the object`;
    throw internalError(`${why}, which is not supported for this operation`);
  }
  if (response.patchType !== 'JSONPatch') {
    const why = `unsupported patch type "${response.patchType}"`;
    throw new CallFailed(hook.name, why, serviceUnavailable(why));
  }
  const shown = views.object(type)!;
  const patched = applied(shown, patch);
  readPatched(resources, attributes, type, shown, patched);
  const isChanged = !equalJson(shown, patched);
  putInPlace(attributes, await convertSlowly(resources, patched, type, attributes.type));
  views.changed();
  return { patch, isChanged };
}

function patchIn({ patch }: AdmissionResponse, name: string): readonly unknown[] {
  if (patch === '') return [];
  const undecodable = (why: string) => {
    return new CallFailed(
      name,
      `received undecodable patch in webhook response: ${why}`,
      serviceUnavailable('error decoding patch in webhook response'),
    );
  };
  let operations: unknown;
  try {
    operations = parseJsonBody(Buffer.from(patch));
  } catch (error) {
    if (error instanceof UnreadableBody || error instanceof StatusError) throw undecodable(error.message);
    throw error;
  }
  if (Array.isArray(operations)) return operations;
  if (operations === null) return [];
  throw undecodable(`json: cannot unmarshal ${goJsonType(operations)} into Go value of type jsonpatch.Patch`);
}

function applied(shown: AnyObject, patch: readonly unknown[]): AnyObject {
  try {
    return applyJsonPatch(shown, patch) as AnyObject;
  } catch (error) {
    const isPatchError = error instanceof PatchApplyError || error instanceof PatchFormatError;
    throw isPatchError ? internalError(error.message) : error;
  }
}

/** Unknown fields are dropped; what does not fit its field refuses the request. */
function readPatched(
  resources: Resources,
  attributes: AdmissionAttributes,
  type: MetHook['type'],
  shown: AnyObject,
  patched: AnyObject,
): void {
  const served = resources.of(type);
  const isOwnKind = shown.kind === type.kind;
  const problem =
    kindFieldsProblem(patched) ?? changedKind(shown, patched, isOwnKind ? expectedKind(served) : undefined);
  if (problem) throw internalError(problem);
  try {
    if (isOwnKind) readAs(expectedKind(served), patched, undefined, true);
    else {
      const [group, version] = groupVersionOf(shown.apiVersion ?? '');
      const known = served.schema.kind(group, version, shown.kind ?? '');
      if (known) decodeInto(served.schema, known.type, patched, undefined, true);
    }
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error.message);
    throw error;
  }
  if (isOwnKind && attributes.operation !== 'CONNECT') served.strategy.setDefaults?.(patched);
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

function groupVersionOf(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return [apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1)];
}

/** The object that is written stays the same one; what the server has given it stays the server's. */
function putInPlace(attributes: AdmissionAttributes, patched: AnyObject): void {
  const object = attributes.object!;
  const { uid, creationTimestamp, name, managedFields } = object.metadata ?? {};
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, patched);
  if (attributes.operation === 'CREATE' && object.metadata) {
    if (uid !== undefined) object.metadata.uid = uid;
    if (creationTimestamp !== undefined) object.metadata.creationTimestamp = creationTimestamp;
    if (attributes.isNameDrawn && !object.metadata.name && name !== undefined) object.metadata.name = name;
  }
  keepOwners(attributes, managedFields);
}

/** A webhook that does not know managed fields may have broken them. */
function keepOwners({ object, warn }: AdmissionAttributes, before: Owners): void {
  const metadata = object?.metadata;
  if (!metadata?.managedFields) return;
  const owners = readOwners(metadata.managedFields);
  if (typeof owners !== 'string') return;
  if (before) metadata.managedFields = before;
  else delete metadata.managedFields;
  warn(
    `.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${owners}`,
  );
}

type Owners = NonNullable<AnyObject['metadata']>['managedFields'];
