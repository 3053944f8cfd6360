/** A patch of any supported type, read once and applied to as many versions of the object as it takes. */

import { decodeInto } from '#api/decode.ts';
import { DecodeError } from '#api/decode-error.ts';
import { mergeFacts } from '#api/merge-facts.ts';
import type { AnyObject } from '#api/object.ts';
import { badRequest, failure, requestEntityTooLarge, unsupportedMediaType } from '#api/status.ts';
import { goJsonType, goValueText } from '#wire/go-values.ts';
import { applyJsonPatch, PatchApplyError, PatchFormatError } from '#wire/json-patch.ts';
import { applyMergePatch } from '#wire/merge-patch.ts';
import { applyStrategicMergePatch } from '#wire/strategic-merge.ts';
import { claimedKind, type ExpectedKind, kindProblem } from '../decode/check-kind.ts';
import { parseBody, readable } from '../decode/parse-body.ts';
import { duplicatesIn, reportProblems } from '../decode/read-object.ts';
import type { Exchange } from '../exchange.ts';
import { badOutcome, restoreErrorText } from './patch-errors.ts';

/** Makes the new object, decoded as its kind, of a private copy of the old one. */
export type Patch = (object: AnyObject) => AnyObject;

interface Applier {
  apply(object: AnyObject): AnyObject;
  /** Keys that the patch gives twice. */
  readonly duplicates: readonly string[];
  /** The patch itself, where that is what errors show. */
  readonly strategic?: object;
}

const jsonPatchOperationsMax = 10_000;
const supported =
  'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json';

/** `expected.type`: the schema type whose merge keys a strategic patch goes by. */
export function readPatch(exchange: Exchange, expected: ExpectedKind): Patch {
  const type = (exchange.request.headers['content-type'] ?? '').split(';', 1)[0]!.trim();
  const applier = applierOf(exchange, type, expected.type);
  return (object) =>
    decodePatched(
      exchange,
      guarded(() => applier.apply(object)),
      applier,
      expected,
    );
}

function applierOf(exchange: Exchange, type: string, typeName: string): Applier {
  const bytes = exchange.request.body ?? new Uint8Array();
  switch (type) {
    case 'application/json-patch+json': {
      const patch = readable(() => parseBody(bytes, 'json'));
      checkLength(patch);
      return { apply: (object) => applyJsonPatch(object, patch) as AnyObject, duplicates: [] };
    }
    case 'application/merge-patch+json': {
      const say = (why: string) => `error decoding patch: ${why}`;
      const patch = mapIn(
        readable(() => parseBody(bytes, 'json'), say),
        say,
      );
      return {
        apply: (object) => applyMergePatch(object, patch) as AnyObject,
        duplicates: duplicatesIn(exchange, bytes, patch),
      };
    }
    case 'application/strategic-merge-patch+json': {
      const patch = mapIn(
        readable(() => parseBody(bytes, 'json')),
        (why) => why,
      );
      const facts = mergeFacts(exchange.core.schema);
      return {
        apply: (object) => applyStrategicMergePatch(object, patch, typeName, facts),
        duplicates: duplicatesIn(exchange, bytes, patch),
        strategic: patch,
      };
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
    `Request entity too large: The allowed maximum operations in a JSON patch is ${jsonPatchOperationsMax}, got ${length}`,
  );
}

function mapIn(value: unknown, say: (why: string) => string): object {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw badRequest(
    say(`json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`),
  );
}

function guarded(apply: () => AnyObject): AnyObject {
  try {
    return apply();
  } catch (error) {
    if (error instanceof PatchFormatError) throw badRequest(error.message);
    // Upstream keeps what the patch library said to itself.
    if (error instanceof PatchApplyError) {
      throw failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    }
    throw error;
  }
}

function decodePatched(
  exchange: Exchange,
  patched: AnyObject,
  { duplicates, strategic }: Applier,
  expected: ExpectedKind,
): AnyObject {
  const refuse = (why: string) =>
    badOutcome(strategic ? goValueText(strategic) : JSON.stringify(patched), why);
  if (!strategic) checkKind(exchange, patched, expected, refuse);
  patched.kind = expected.kind;
  patched.apiVersion = expected.apiVersion;
  try {
    const problems = decodeInto(exchange.core.schema, expected.type, patched);
    reportProblems(exchange, [...duplicates, ...problems], refuse);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw refuse(strategic ? restoreErrorText(error) : error.message);
  }
  return patched;
}

/** A strategic patch of kind or version is passed over; the outcome of the others must still say what it is. */
function checkKind(
  { core }: Exchange,
  patched: AnyObject,
  expected: ExpectedKind,
  refuse: (why: string) => Error,
): void {
  const problem = kindProblem(core.schema, claimedKind(patched, expected), expected);
  if (problem) throw refuse(problem);
}
