/** Applies the patch of a mutating webhook to the object in the version that the webhook received. */

import type { AnyObject } from '#api/meta/object.ts';
import { internalError, StatusError, serviceUnavailable } from '#api/meta/status.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { applyJsonPatch, PatchApplyError, PatchFormatError } from '#wire/patch/json-patch.ts';
import { parseJsonBody, UnreadableBody } from '../../codec/decode/parse-body.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { replaceObject } from '../objects/replace-object.ts';
import type { ObjectViews } from '../objects/shown-objects.ts';
import type { AdmissionResponse } from './admission-response.ts';
import { CallFailed } from './call-hook.ts';
import type { MatchedHook } from './hook-source.ts';

export interface Patched {
  readonly patch: readonly unknown[];
  readonly isChanged: boolean;
}

/** Undefined for an empty patch. */
export async function patchObject(
  resources: Resources,
  { hook, type }: MatchedHook,
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
  const isChanged = await replaceObject(resources, attributes, views, type, applied(shown, patch));
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
