/** The owner that controls an object: at most one of its owner references says so. */

import type { KubeObject, OwnerReference } from './object.ts';

export function controllerOf({ metadata }: Pick<KubeObject, 'metadata'>): OwnerReference | undefined {
  for (const owner of metadata?.ownerReferences ?? []) if (owner.controller) return owner;
  return undefined;
}
