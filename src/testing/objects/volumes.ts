/** For tests: claims of volumes. */

import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { storedMetadata } from '../objects.ts';

/** As a client creates it. */
export function newClaim(name: string, more: Partial<PersistentVolumeClaim> = {}) {
  return { ...more, metadata: { name, namespace: 'default', ...more.metadata } };
}

export function storedClaim(name: string, metadata: ObjectMeta = {}): Stored<PersistentVolumeClaim> {
  return { metadata: storedMetadata(name, { namespace: 'default', ...metadata }) };
}
