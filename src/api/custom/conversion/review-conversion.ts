/**
 * A ConversionReview with custom objects, and the validation of its response. The converted objects keep their
 * metadata except for labels and annotations.
 */

import { copyJson } from '#base/copy-json.ts';
import { goJsonType, goQuoted, goTypeOf } from '#wire/json/go-values.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { kindText } from '../../go/kind-text.ts';
import type { AnyObject } from '../../meta/object.ts';
import { unknownError } from '../../meta/status.ts';
import { validateAnnotations, validateLabels } from '../../meta/validation.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

/** Sends a ConversionReview; throws if there is no answer. */
export type AskForConversion = (review: object) => Promise<unknown>;

const knownVersions = ['v1', 'v1beta1'];
const group = 'apiextensions.k8s.io';

export interface ConversionQuestion {
  readonly objects: readonly AnyObject[];
  readonly desiredApiVersion: string;
  /** The versions that the webhook supports, the preferred first. */
  readonly reviewVersions: readonly string[];
  readonly uid: string;
}

/** The converted objects in the order of those that were sent. Throws the StatusError of a failed conversion. */
export async function askForConversion(
  ask: AskForConversion,
  { objects, desiredApiVersion, reviewVersions, uid }: ConversionQuestion,
): Promise<AnyObject[]> {
  const version = reviewVersions.find((known) => knownVersions.includes(known));
  if (!version) throw unknownError('no supported conversion review versions');
  const [{ apiVersion, kind }] = objects as [AnyObject];
  const subject = `conversion webhook for ${apiVersion}, Kind=${kind}`;
  const review = {
    kind: 'ConversionReview',
    apiVersion: `${group}/${version}`,
    request: { uid, desiredAPIVersion: desiredApiVersion, objects },
  };
  let converted: unknown[];
  try {
    converted = objectsOf(await ask(review), version, uid);
  } catch (error) {
    throw unknownError(`${subject} failed: ${(error as Error).message}`);
  }
  if (converted.length !== objects.length) {
    throw unknownError(`${subject} returned ${converted.length} objects, expected ${objects.length}`);
  }
  return objects.map((original, i) => accepted(original, converted[i], desiredApiVersion, subject));
}

function objectsOf(answer: unknown, version: string, uid: string): unknown[] {
  const review = fieldsOf(answer, 'ConversionReview', 'v1.ConversionReview') ?? {};
  const known = `${group}/v1, Kind=ConversionReview`;
  if (version === 'v1' && kindText(review) !== known) {
    throw new Error(`expected webhook response of ${known}, got ${kindText(review)}`);
  }
  const response = fieldsOf(review['response'], 'ConversionReview.response', 'v1.ConversionResponse');
  if (!response) throw new Error('no response provided');
  const answered = textOf(response, 'uid', 'ConversionReview.response.uid', 'types.UID');
  if (version === 'v1' && answered !== uid) {
    throw new Error(`expected response.uid=${goQuoted(uid)}, got ${goQuoted(answered)}`);
  }
  const field = 'ConversionReview.response.result';
  const result = fieldsOf(response['result'], field, 'v1.Status') ?? {};
  const status = textOf(result, 'status', `${field}.status`, 'string');
  if (status !== 'Success') {
    const message = textOf(result, 'message', `${field}.message`, 'string');
    throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  }
  const converted = response['convertedObjects'] ?? [];
  if (Array.isArray(converted)) return converted;
  throw misfit(converted, 'ConversionReview.response.convertedObjects', '[]runtime.RawExtension');
}

/** Undefined for null, as Go reads it. */
function fieldsOf(value: unknown, field: string, goType: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) return value;
  throw misfit(value, field, goType);
}

function textOf(object: JsonObject, key: string, field: string, goType: string): string {
  const value = object[key] ?? '';
  if (typeof value === 'string') return value;
  throw misfit(value, field, goType);
}

function misfit(value: unknown, field: string, goType: string): Error {
  return new Error(
    `json: cannot unmarshal ${goJsonType(value)} into Go struct field ${field} of type ${goType}`,
  );
}

function accepted(original: AnyObject, converted: unknown, apiVersion: string, subject: string): AnyObject {
  const refuse = (why: string) => unknownError(`${subject} returned invalid ${why}`);
  if (!isJsonObject(converted)) throw refuse('converted object at index 0: not an object');
  const found = converted as AnyObject;
  if (found.apiVersion !== apiVersion) {
    throw refuse(
      `object at index 0: invalid groupVersion (expected ${apiVersion}, received ${textIn(found.apiVersion)})`,
    );
  }
  if (found.kind !== original.kind) {
    throw refuse(
      `object at index 0: invalid kind (expected ${original.kind}, received ${textIn(found.kind)})`,
    );
  }
  const identity = isJsonObject(found.metadata) ? found.metadata : {};
  for (const [field, noun] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const before = original.metadata?.[field] ?? '';
    const after = textIn(identity[field]);
    if (before !== after) throw refuse(`object: must have the same ${noun}: ${before} != ${after}`);
  }
  return { ...found, metadata: metadataOf(original, found.metadata, refuse) };
}

/** What is no text counts as none. */
function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function metadataOf(
  { metadata }: AnyObject,
  converted: unknown,
  refuse: (why: string) => Error,
): NonNullable<AnyObject['metadata']> {
  if (converted === undefined) throw refuse('metadata: missing metadata in converted object');
  if (!isJsonObject(converted)) {
    throw refuse(`metadata: invalid metadata of type ${goTypeOf(converted)} in converted object`);
  }
  const { labels: _, annotations: __, ...kept } = copyJson(metadata ?? {});
  const labels = textsOf(converted, 'labels', refuse);
  const annotations = textsOf(converted, 'annotations', refuse);
  const wrong = [
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations, 'metadata.annotation'),
  ];
  if (wrong.length > 0) throw refuse(`metadata: ${wrong.map(fieldErrorMessage).join(', ')}`);
  return { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}

function textsOf(
  metadata: JsonObject,
  field: 'labels' | 'annotations',
  refuse: (why: string) => Error,
): Record<string, string> | undefined {
  const map = metadata[field] ?? undefined;
  if (map === undefined) return undefined;
  if (!isJsonObject(map)) {
    throw refuse(`metadata: invalid metadata.${field} of type ${goTypeOf(map)} in converted object`);
  }
  for (const [key, value] of Object.entries(map)) {
    if (typeof value === 'string') continue;
    const text = `must be a string, but is ${goTypeOf(value)} in converted object`;
    throw refuse(`metadata: metadata.${field}[${key}] ${text}`);
  }
  return map as Record<string, string>;
}
