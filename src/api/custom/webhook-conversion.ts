/**
 * Conversion between the versions of a definition by a webhook. As its answer takes time, objects are converted
 * ahead, in batches, and the results are cached for the synchronous conversion.
 */

import { parseExactly } from '#wire/json/exact-integers.ts';
import { copyJson } from '#wire/json/value.ts';
import type { Conversion } from '../kind/conversion.ts';
import type { AnyObject } from '../meta/object.ts';
import { internalError } from '../meta/status.ts';
import { type AskForConversion, askForConversion } from './conversion/review-conversion.ts';
import { prune } from './prune.ts';
import { readStoredObject } from './read-object.ts';
import type { VersionStructures } from './version-structures.ts';

export interface WebhookVersions {
  readonly storedAs: Conversion['storedAs'];
  readonly storedApiVersion: string;
  readonly servedApiVersion: string;
  readonly structures: VersionStructures;
  readonly reviewVersions: readonly string[];
}

/** Converted objects in the cache; more only if the last batch is larger. */
const keptMax = 1000;

export function webhookConversion(
  { storedAs, storedApiVersion, servedApiVersion, structures, reviewVersions }: WebhookVersions,
  ask: AskForConversion,
  newUid: () => string,
): Conversion {
  const shown = new Map<string, string>();
  const stored = new WeakMap<AnyObject, AnyObject>();
  const convert = (objects: readonly AnyObject[], desiredApiVersion: string) =>
    askForConversion(ask, { objects, desiredApiVersion, reviewVersions, uid: newUid() });
  const read = (object: AnyObject): AnyObject => {
    const structure = structures.get(object.apiVersion ?? '');
    if (structure) readStoredObject(object, structure);
    if (object.metadata) object.metadata.generation ||= 1;
    return object;
  };
  const pruned = (object: AnyObject, apiVersion: string): AnyObject => {
    const structure = structures.get(apiVersion);
    if (structure) prune(object, structure);
    return object;
  };
  const keep = (batch: ReadonlyMap<string, string>) => {
    for (const [key, text] of batch) shown.set(key, text);
    for (const key of shown.keys()) {
      if (shown.size <= Math.max(keptMax, batch.size)) break;
      shown.delete(key);
    }
  };
  return {
    storedAs,
    storedField: (field) => field,
    fromStored(object) {
      if (object.apiVersion === servedApiVersion) return read(object);
      const text = shown.get(keyOf(object));
      if (text === undefined) throw internalError(`${keyOf(object)} was not converted ahead`);
      return parseExactly(text) as AnyObject;
    },
    toStored(object) {
      if (servedApiVersion === storedApiVersion) return object;
      const converted = stored.get(object);
      if (!converted) throw internalError(`${keyOf(object)} was not converted ahead`);
      return converted;
    },
    async ahead(copies) {
      const needed = copies.filter((copy) => copy.apiVersion !== servedApiVersion && !shown.has(keyOf(copy)));
      if (needed.length === 0) return;
      // One review for all objects of a version.
      for (const [, objects] of Map.groupBy(needed, ({ apiVersion }) => apiVersion)) {
        const converted = await convert(objects.map(read), servedApiVersion);
        const texts = converted.map((object) => JSON.stringify(pruned(object, servedApiVersion)));
        keep(new Map(objects.map((object, i) => [keyOf(object), texts[i]!])));
      }
    },
    async converted(object) {
      const copy = copyJson(object);
      if (object.apiVersion === servedApiVersion) return copy;
      const [converted] = await convert([copy], servedApiVersion);
      return pruned(converted!, servedApiVersion);
    },
    async aheadOfStoring(object) {
      if (servedApiVersion === storedApiVersion) return;
      const [converted] = await convert([copyJson(object)], storedApiVersion);
      stored.set(object, pruned(converted!, storedApiVersion));
    },
  };
}

function keyOf({ metadata }: AnyObject): string {
  return `${metadata?.uid}/${metadata?.resourceVersion}`;
}
