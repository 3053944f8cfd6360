/**
 * What a webhook answers to a review, decoded by its type as Go does: a text where `allowed` should be is an error, and
 * never taken for consent.
 */

import { decodeInto } from '#api/schema/decode.ts';
import { dropEmpty } from '#api/schema/empty-collections.ts';
import type { Schema } from '#api/schema/schema.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';

export interface ReviewType {
  readonly schema: Schema;
  /** In the schema. */
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
}

/** Throws an Error that says why the body is no such review. Kind and version may be left out, as upstream. */
export function readReview(body: Uint8Array, { schema, type, kind, apiVersion }: ReviewType): JsonObject {
  const review = parseExactly(Buffer.from(body).toString());
  if (
    !isJsonObject(review) ||
    (review['kind'] ?? kind) !== kind ||
    (review['apiVersion'] ?? apiVersion) !== apiVersion
  ) {
    throw new Error(`the answer of the webhook is no ${kind}`);
  }
  decodeInto(schema, type, review);
  dropEmpty(review, false);
  return review;
}
