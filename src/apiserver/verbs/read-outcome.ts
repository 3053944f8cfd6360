/**
 * The outcome of a patch as an object of its kind. Of several problems upstream finds the first in its own order of
 * fields: where there is a problem, the outcome is read once more in that order.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { DecodeError } from '#api/schema/decode-error.ts';
import { inGoOrder } from '#api/schema/struct-order.ts';
import type { OddText } from '#wire/json/odd-numbers.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';
import { readAs } from '../codec/decode/read-object.ts';

/** Reads, in place, what upstream reads from JSON. Returns the paths of unknown fields; throws `DecodeError`. */
export function readOutcome(
  expected: ExpectedKind,
  outcome: AnyObject,
  oddText: OddText,
  inOrder: () => unknown,
): string[] {
  const reading = { oddText, isMerged: true };
  try {
    const unknown = readAs(expected, identified(outcome, expected), reading);
    if (unknown.length === 0 || expected.read) return unknown;
  } catch (error) {
    if (!(error instanceof DecodeError) || expected.read) throw error;
  }
  return readAs(expected, identified(inOrder() as AnyObject, expected), reading);
}

/** What kind it is follows from the request. */
export function identified(object: AnyObject, { kind, apiVersion }: ExpectedKind): AnyObject {
  return Object.assign(object, { kind, apiVersion });
}

/**
 * The same of what upstream makes structs of without JSON between: field by field, up to the first problem. The paths of
 * unknown fields are sorted.
 */
export function readStructs(expected: ExpectedKind, outcome: AnyObject, oddText?: OddText): string[] {
  const reading = { oddText, isMerged: true, isConverted: true };
  try {
    return readAs(expected, outcome, reading).sort();
  } catch (error) {
    if (!(error instanceof DecodeError) || expected.read) throw error;
    const { schema, type } = expected;
    readAs(expected, inGoOrder(schema, outcome, { kind: 'object', name: type }) as AnyObject, reading);
    throw error;
  }
}
