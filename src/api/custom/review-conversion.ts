/**
 * A ConversionReview with custom objects, and the validation of its response. The converted objects keep their
 * metadata except for labels and annotations.
 */

import { copyJson, isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { AnyObject } from '../meta/object.ts';
import { unknownError } from '../meta/status.ts';
import { validateAnnotations, validateLabels } from '../meta/validation.ts';
import { fieldErrorMessage } from '../validation/field-error.ts';

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
  const of = `conversion webhook for ${apiVersion}, Kind=${kind}`;
  const review = {
    kind: 'ConversionReview',
    apiVersion: `${group}/${version}`,
    request: { uid, desiredAPIVersion: desiredApiVersion, objects },
  };
  let converted: unknown[];
  try {
    converted = objectsOf(await ask(review), version, uid);
  } catch (error) {
    throw unknownError(`${of} failed: ${(error as Error).message}`);
  }
  if (converted.length !== objects.length) {
    throw unknownError(`${of} returned ${converted.length} objects, expected ${objects.length}`);
  }
  return objects.map((original, i) => accepted(original, converted[i], desiredApiVersion, of));
}

function objectsOf(answer: unknown, version: string, uid: string): unknown[] {
  const { apiVersion, kind, response } = (isJsonObject(answer) ? answer : {}) as JsonObject;
  if (version === 'v1' && (apiVersion !== `${group}/v1` || kind !== 'ConversionReview')) {
    throw new Error(
      `expected webhook response of ${group}/v1, Kind=ConversionReview, got ${apiVersion ?? ''}, Kind=${kind ?? ''}`,
    );
  }
  if (!isJsonObject(response)) throw new Error('no response provided');
  if (version === 'v1' && response['uid'] !== uid) {
    throw new Error(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`,
    );
  }
  const { status = '', message = '' } = (response['result'] ?? {}) as { status?: string; message?: string };
  if (status !== 'Success') {
    throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  }
  return (response['convertedObjects'] ?? []) as unknown[];
}

function accepted(original: AnyObject, converted: unknown, apiVersion: string, of: string): AnyObject {
  const refuse = (why: string) => unknownError(`${of} returned invalid ${why}`);
  if (!isJsonObject(converted)) throw refuse('converted object at index 0: not an object');
  const found = converted as AnyObject;
  if (found.apiVersion !== apiVersion) {
    throw refuse(
      `object at index 0: invalid groupVersion (expected ${apiVersion}, received ${found.apiVersion})`,
    );
  }
  if (found.kind !== original.kind) {
    throw refuse(`object at index 0: invalid kind (expected ${original.kind}, received ${found.kind})`);
  }
  for (const [field, noun] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [before = '', after = ''] = [original.metadata?.[field], found.metadata?.[field]];
    if (before !== after) throw refuse(`object: must have the same ${noun}: ${before} != ${after}`);
  }
  if (!isJsonObject(found.metadata)) throw refuse('metadata: missing metadata in converted object');
  return { ...found, metadata: metadataOf(original, found, refuse) };
}

function metadataOf(
  { metadata }: AnyObject,
  converted: AnyObject,
  refuse: (why: string) => Error,
): NonNullable<AnyObject['metadata']> {
  const { labels, annotations } = converted.metadata!;
  const wrong = [
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations, 'metadata.annotation'),
  ];
  if (wrong.length > 0) throw refuse(`metadata: ${wrong.map(fieldErrorMessage).join(', ')}`);
  const { labels: _, annotations: __, ...kept } = copyJson(metadata ?? {});
  return { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}
