/**
 * Conversion between the versions of a definition by a webhook. As its answer takes time, objects are converted
 * ahead, in batches, and the results are cached for the synchronous conversion.
 */

import { copyJson } from '#base/copy-json.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { Conversion } from '../kind/conversion.ts';
import type { AnyObject } from '../meta/object.ts';
import { internalError } from '../meta/status.ts';
import { type AskForConversion, askForConversion } from './conversion/review-conversion.ts';
import { prune } from './prune.ts';
import { readStoredObject } from './read-object.ts';
import type { StructuralSchema } from './structural-schema.ts';
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
  const shown = new ConvertedTexts();
  const stored = new WeakMap<AnyObject, AnyObject>();
  const convert = async (objects: readonly AnyObject[], desiredApiVersion: string) => {
    const request = { objects, desiredApiVersion, reviewVersions, uid: newUid() };
    const converted = await askForConversion(ask, request);
    return converted.map((object) => pruned(object, structures.get(desiredApiVersion)));
  };
  const read = (object: AnyObject) => asStored(object, structures.get(object.apiVersion ?? ''));
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
        shown.keep(new Map(objects.map((object, i) => [keyOf(object), JSON.stringify(converted[i])])));
      }
    },
    async converted(object) {
      const copy = copyJson(object);
      if (object.apiVersion === servedApiVersion) return copy;
      const [converted] = await convert([copy], servedApiVersion);
      return converted!;
    },
    async aheadOfStoring(object) {
      if (servedApiVersion === storedApiVersion) return;
      const [converted] = await convert([copyJson(object)], storedApiVersion);
      stored.set(object, converted!);
    },
  };
}

/** Converted objects as JSON, by uid and resourceVersion. */
class ConvertedTexts {
  readonly #texts = new Map<string, string>();

  has(key: string): boolean {
    return this.#texts.has(key);
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  /** Drops the oldest entries beyond `keptMax`, but none of the batch. */
  keep(batch: ReadonlyMap<string, string>): void {
    for (const [key, text] of batch) this.#texts.set(key, text);
    for (const key of this.#texts.keys()) {
      if (this.#texts.size <= Math.max(keptMax, batch.size)) break;
      this.#texts.delete(key);
    }
  }
}

function asStored(object: AnyObject, structure: StructuralSchema | undefined): AnyObject {
  if (structure) readStoredObject(object, structure);
  if (object.metadata) object.metadata.generation ||= 1;
  return object;
}

function pruned(object: AnyObject, structure: StructuralSchema | undefined): AnyObject {
  if (structure) prune(object, structure);
  return object;
}

function keyOf({ metadata }: AnyObject): string {
  return `${metadata?.uid}/${metadata?.resourceVersion}`;
}
