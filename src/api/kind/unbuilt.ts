/**
 * Fields and kinds that the API stores although nothing acts on them yet: clients get a warning. Implementing
 * one includes deleting its `unbuilt` in the kind's file and its line in docs/reference/kinds.md.
 */

import type { KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';

export interface UnbuiltReader {
  get(type: ResourceType, namespace: string, name: string): KubeObject | undefined;
}

/** The warning for this object; undefined if everything in it is implemented. */
export type Unbuilt<T extends KubeObject = KubeObject> = (
  object: T,
  reader: UnbuiltReader,
) => string | undefined;

export function storedBut(lack: string): Unbuilt {
  return () => `kybern stores this object, but ${lack}`;
}

export const withoutModifiers = storedBut('does not run drivers that modify volumes yet');
