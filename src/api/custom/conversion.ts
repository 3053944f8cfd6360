/**
 * Converts custom objects between their stored version, which is their apiVersion, and a served version. The
 * strategy None changes only the apiVersion.
 */

import { copyJson } from '#base/copy-json.ts';
import type { CustomResourceDefinition } from '../generated/types.gen.ts';
import type { Conversion } from '../kind/conversion.ts';
import type { AnyObject } from '../meta/object.ts';
import { apiVersionOf, type ResourceType } from '../meta/resource.ts';
import type { AskForConversion } from './conversion/review-conversion.ts';
import { prune } from './prune.ts';
import { readStoredObject } from './read-object.ts';
import { type VersionStructures, versionStructures } from './version-structures.ts';
import { webhookConversion } from './webhook-conversion.ts';

export interface ConversionWebhook {
  readonly ask: AskForConversion;
  /** The uid of a ConversionReview. */
  newUid(): string;
}

/** Undefined if stored objects are served as they are. */
export function customConversion(
  definition: CustomResourceDefinition,
  served: ResourceType,
  webhook: ConversionWebhook | undefined,
): Conversion | undefined {
  const { spec } = definition;
  // A definition of generation 1 with a single version: no object can have another version.
  if (definition.metadata?.generation === 1 && spec.versions.length === 1) return undefined;
  const structures = versionStructures(definition);
  const storage = spec.versions.find((version) => version.storage)!.name;
  const storedAs: ResourceType = { ...served, version: storage };
  if (webhook && spec.versions.length > 1) {
    const versions = {
      storedAs,
      storedApiVersion: apiVersionOf(storedAs),
      servedApiVersion: apiVersionOf(served),
      structures,
      reviewVersions: spec.conversion?.webhook?.conversionReviewVersions ?? [],
    };
    return webhookConversion(versions, webhook.ask, webhook.newUid);
  }
  const convert = converter(structures);
  return {
    storedAs,
    fromStored(stored) {
      const structure = structures.get(stored.apiVersion ?? '');
      if (structure) readStoredObject(stored, structure);
      if (stored.metadata) stored.metadata.generation ||= 1;
      return convert(stored, apiVersionOf(served));
    },
    // A copy: the written object itself is the answer.
    toStored: (object) => convert(copyJson(object), apiVersionOf(storedAs)),
    storedField: (field) => field,
  };
}

function converter(structures: VersionStructures) {
  return (object: AnyObject, apiVersion: string): AnyObject => {
    if (object.apiVersion === apiVersion) return object;
    object.apiVersion = apiVersion;
    prune(object, structures.get(apiVersion)!);
    return object;
  };
}
