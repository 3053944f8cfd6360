/** A patch of any supported type, applied to as many versions of the object as it takes. */

import type { AnyObject } from '#api/meta/object.ts';
import {
  badRequest,
  failure,
  requestEntityTooLarge,
  unknownError,
  unsupportedMediaType,
} from '#api/meta/status.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { mergeFacts } from '#api/schema/merge-facts.ts';
import { ownValue } from '#base/own-value.ts';
import { findStrictErrors } from '#wire/json/duplicate-fields.ts';
import { goJsonType, goValueText } from '#wire/json/go-values.ts';
import { inexactNumbersIn, oddNumbersIn } from '#wire/json/odd-numbers.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { applyJsonPatch, PatchApplyError, PatchFormatError } from '#wire/patch/json-patch.ts';
import { applyMergePatch } from '#wire/patch/merge-patch.ts';
import { PatchMergeError } from '#wire/patch/strategic-errors.ts';
import { applyStrategicMergePatch } from '#wire/patch/strategic-merge.ts';
import {
  claimedKind,
  type ExpectedKind,
  kindFieldsProblem,
  kindProblem,
} from '../codec/decode/check-kind.ts';
import { parseJsonBody, readable } from '../codec/decode/parse-body.ts';
import { doubledText, fieldValidation, reportProblems, unknownFields } from '../codec/decode/read-object.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { Exchange } from '../request/exchange.ts';
import { duplicatesInOutcome, operationsProblem, unknownOperationFields } from './json-patch-operations.ts';
import { badOutcome, restoreErrorText } from './patch-errors.ts';
import { fractionProblem } from './patched-integers.ts';
import { identified, readOutcome, readStructs } from './read-outcome.ts';
import { mergedInOrder, patchedInOrder, shownText } from './shown-outcome.ts';

/** Makes the new object, decoded as its kind, of a private copy of the old one. */
export type Patch = (object: AnyObject) => AnyObject;

export type PatchType = 'json' | 'merge' | 'strategic';
/** Of a configuration that is applied; `apply.ts` does that. */
const applyType = 'application/apply-patch+yaml';

/** A patch as it was read. */
interface Applier {
  /** The patch is part of what comes out of it. */
  apply(object: AnyObject): unknown;
  /** Returns the paths of unknown fields. Throws `DecodeError`. */
  read(object: AnyObject, outcome: AnyObject): string[];
  /** What messages show, if the outcome is no object of the kind: the outcome or, of a strategic patch, the patch. */
  shown(object: AnyObject): string;
  /** What the strict reader has to say of the patch itself. */
  readonly strictErrors: readonly string[];
  /** Why the numbers of the patch do not fit their fields. */
  readonly numbersProblem?: string | undefined;
  /** Upstream makes a struct of the outcome without JSON between: struct by struct, up to the first problem. */
  readonly isStrategic?: boolean;
}

const jsonPatchOperationsMax = 10_000;
const notAPatch = 'Invalid JSON Patch';
const floatValue = 'Go value of type float64';
const floatOfOperation = 'Go struct field jsonPatchOp.value of type float64';
const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};
const supportedOfCustom =
  'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

/** Comes before all else, as upstream: also before the other options of the request are judged. */
export function patchTypeOf({ request }: Exchange, served?: ServedResource): PatchType | 'apply' {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim();
  if (type === applyType) return 'apply';
  const known = ownValue(patchTypes, type);
  // A custom object has no Go type whose tags say how lists are merged.
  const isCustom = served?.kind.read !== undefined;
  if (known && !(isCustom && known === 'strategic')) return known;
  // Upstream's routes of built-in kinds refuse it before it comes to their handler.
  if (!isCustom) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${supportedOfCustom}`,
  );
}

/** Reads nothing yet: what is not there is not found before its patch is found to be none. */
export function patchOf(exchange: Exchange, type: PatchType, expected: ExpectedKind): Patch {
  return (object) => {
    // Read for each try, which comes cheaper than a copy of what the last one used up.
    const applier = appliers[type](exchange, expected);
    const patched = guarded(() => applier.apply(object));
    return decodePatched(exchange, object, patched, applier, expected);
  };
}

const appliers: Readonly<Record<PatchType, (exchange: Exchange, expected: ExpectedKind) => Applier>> = {
  json(exchange, expected) {
    const bytes = bodyOf(exchange);
    const isStrict = fieldValidation(exchange) !== 'Ignore';
    // Upstream's strict reader reads the patch before its patch library does.
    const say = (why: string) =>
      isStrict ? `error decoding patch: ${why.replace(floatValue, floatOfOperation)}` : why;
    const patch = readable(() => parseJsonBody(bytes), say);
    const problem = isStrict ? operationsProblem(patch) : undefined;
    if (problem) throw badRequest(say(problem));
    checkLength(patch);
    const unknown = unknownOperationFields(patch);
    const doubled = doubledText(exchange, bytes, patch);
    const errors =
      doubled === undefined ? unknownFields(unknown) : findStrictErrors(doubled, new Set(unknown));
    const oddText = oddNumbersIn(bytes);
    const inOrder = (object: AnyObject) => patchedInOrder(object, parseJsonBody(bytes), expected);
    return {
      apply: (object) => applyJsonPatch(object, patch),
      read: (object, outcome) => readOutcome(expected, outcome, oddText, () => inOrder(object)),
      shown: (object) => shownText(inOrder(object)),
      strictErrors: [...errors.map((error) => `json patch ${error}`), ...duplicatesInOutcome(errors, patch)],
      numbersProblem: expected.read ? undefined : fractionProblem(bytes, patch, oddText, expected),
    };
  },
  merge(exchange, expected) {
    const bytes = bodyOf(exchange);
    const isStrict = fieldValidation(exchange) !== 'Ignore';
    const say = (why: string) => (isStrict ? `error decoding patch: ${why}` : notAPatch);
    const given = readable(() => parseJsonBody(bytes), say);
    const isNoPatch = given === null || (!isStrict && typeof given !== 'object');
    const patch = isStrict ? mapIn(given, say) : (given as object);
    const oddText = oddNumbersIn(bytes);
    const inOrder = (object: AnyObject) => mergedInOrder(object, parseJsonBody(bytes), expected);
    return {
      apply(object) {
        // Upstream's merge library rejects `null`, after its strict decoder has read it as an empty patch.
        if (isNoPatch) throw new PatchFormatError(notAPatch);
        return applyMergePatch(object, patch);
      },
      read: (object, outcome) => readOutcome(expected, outcome, oddText, () => inOrder(object)),
      shown: (object) => shownText(inOrder(object)),
      strictErrors: doubledIn(exchange, patch),
      numbersProblem: expected.read ? undefined : fractionProblem(bytes, patch, oddText, expected),
    };
  },
  strategic(exchange, expected) {
    const patch = strategicPatch(exchange);
    const facts = mergeFacts(expected.schema);
    const oddText = inexactNumbersIn(bodyOf(exchange));
    return {
      apply: (object) => applyStrategicMergePatch(object, patch, expected.type, facts),
      read: (_, outcome) => readStructs(expected, outcome, oddText),
      shown: () => goValueText(strategicPatch(exchange)),
      strictErrors: doubledIn(exchange, patch),
      isStrategic: true,
    };
  },
};

function bodyOf({ request }: Exchange): Uint8Array {
  return request.body ?? new Uint8Array();
}

function strategicPatch(exchange: Exchange): object {
  return mapIn(
    readable(() => parseJsonBody(bodyOf(exchange))),
    (why) => why,
  );
}

function doubledIn(exchange: Exchange, patch: object): string[] {
  const doubled = doubledText(exchange, bodyOf(exchange), patch);
  return doubled === undefined ? [] : findStrictErrors(doubled);
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
  if (isJsonObject(value)) return value;
  throw badRequest(
    say(`json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`),
  );
}

function guarded<T>(apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (error instanceof PatchFormatError) throw badRequest(error.message);
    if (error instanceof PatchMergeError) throw unknownError(error.message);
    // Upstream keeps what the patch library said to itself.
    if (error instanceof PatchApplyError) {
      throw failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
    }
    throw error;
  }
}

function decodePatched(
  exchange: Exchange,
  object: AnyObject,
  patched: unknown,
  applier: Applier,
  expected: ExpectedKind,
): AnyObject {
  const refuse = (why: string) => badOutcome(applier.shown(object), why);
  const { strictErrors, numbersProblem, isStrategic } = applier;
  if (!isStrategic) checkKind(patched, expected, refuse);
  const outcome = patched as AnyObject;
  if (numbersProblem !== undefined) throw refuse(numbersProblem);
  try {
    const unknown = applier.read(object, outcome);
    // Converting a map, Go does not escape the names.
    const problems = isStrategic ? unknown.map((path) => `unknown field "${path}"`) : unknownFields(unknown);
    reportProblems(exchange, [...strictErrors, ...problems], refuse);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw refuse(isStrategic ? restoreErrorText(error) : error.message);
  }
  return identified(outcome, expected);
}

/** A strategic patch may change kind and version, which is passed over; the outcome of the others must be of the kind. */
function checkKind(patched: unknown, expected: ExpectedKind, refuse: (why: string) => Error): void {
  const unreadable = kindFieldsProblem(patched);
  if (unreadable) throw refuse(`couldn't get version/kind; json parse error: ${unreadable}`);
  const problem = kindProblem(claimedKind(patched as AnyObject, expected), expected);
  if (problem) throw refuse(problem);
}
