/** A patch of any supported type, read once and applied to as many versions of the object as it takes. */

import { mergeFacts } from '#api/merge-facts.ts';
import type { AnyObject } from '#api/object.ts';
import { badRequest, failure, requestEntityTooLarge, unsupportedMediaType } from '#api/status.ts';
import { applyJsonPatch, PatchApplyError, PatchFormatError } from '#wire/json-patch.ts';
import { applyMergePatch } from '#wire/merge-patch.ts';
import { applyStrategicMergePatch } from '#wire/strategic-merge.ts';
import { parseBody } from '../decode/read-object.ts';
import type { Exchange } from '../exchange.ts';

export type Patch = (object: AnyObject) => AnyObject;

const jsonPatchOperationsMax = 10_000;
const supported =
  'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json';

/** `typeName`: the schema type whose merge keys a strategic patch goes by. */
export function readPatch(exchange: Exchange, typeName: string): Patch {
  const type = (exchange.request.headers['content-type'] ?? '').split(';', 1)[0]!.trim();
  const patch = applierOf(exchange, type, typeName);
  return (object) => guarded(() => patch(object));
}

function applierOf(exchange: Exchange, type: string, typeName: string): Patch {
  const body = () => parseBody(exchange.request.body ?? new Uint8Array(), 'json');
  switch (type) {
    case 'application/json-patch+json': {
      const patch = body();
      checkLength(patch);
      return (object) => applyJsonPatch(object, patch) as AnyObject;
    }
    case 'application/merge-patch+json': {
      const patch = objectIn(body());
      return (object) => applyMergePatch(object, patch) as AnyObject;
    }
    case 'application/strategic-merge-patch+json': {
      const patch = objectIn(body());
      const facts = mergeFacts(exchange.core.schema);
      return (object) => applyStrategicMergePatch(object, patch, typeName, facts);
    }
    case 'application/apply-patch+yaml':
      throw unsupportedMediaType(
        `server-side apply is not built yet: use client-side apply, or a patch of ${supported}`,
      );
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${supported}`,
      );
  }
}

/** Every operation may copy the object once more. */
function checkLength(patch: unknown): void {
  const length = Array.isArray(patch) ? patch.length : 0;
  if (length <= jsonPatchOperationsMax) return;
  throw requestEntityTooLarge(
    `The allowed maximum operations in a JSON patch is ${jsonPatchOperationsMax}, got ${length}`,
  );
}

function objectIn(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badRequest('the patch must be an object');
}

function guarded(apply: () => AnyObject): AnyObject {
  try {
    return apply();
  } catch (error) {
    if (error instanceof PatchFormatError) throw badRequest(error.message);
    if (error instanceof PatchApplyError) throw failure(422, 'Invalid', error.message);
    throw error;
  }
}
