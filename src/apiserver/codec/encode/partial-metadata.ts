/** An object reduced to its metadata. */

import type { AnyObject } from '#api/meta/object.ts';
import type { MetaVersion } from './negotiate.ts';

const closingBrace = Buffer.from('}');

/** Of metadata that is JSON already. */
export function partialMetadataJson(metadata: Uint8Array, version: MetaVersion): Uint8Array[] {
  return [Buffer.from(partialMetadataOpening(version)), metadata, closingBrace];
}

/** Behind it comes the metadata, and a brace. */
export function partialMetadataOpening(version: MetaVersion): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":`;
}

export function partialMetadata(object: AnyObject, version: MetaVersion): AnyObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata ?? {},
  };
}
