/**
 * The node's part of growing a claim: when its volume has become larger than the claim's status says and the
 * rest is left to the node, the plugin grows the mounted file system and the claim's status follows. Follows
 * upstream's NodeExpander: statuses, conditions, events.
 */

import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { rfc3339 } from '#base/clock.ts';
import { errorText } from '#base/text/error-text.ts';

interface Claimed {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly volume: { readonly spec: { readonly capacity?: Record<string, string> } };
}

const left = ['NodeResizePending', 'NodeResizeInProgress'];
/** Conditions that end with the resizing. */
const resizing = ['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError'] as const;

/** The size that the node has to make room for; undefined when nothing is left to it. */
export function sizeLeftToNode({ claim, volume }: Claimed): string | undefined {
  const size = volume.spec.capacity?.['storage'];
  const status = claim.status?.allocatedResourceStatuses?.['storage'];
  if (size === undefined || status === undefined || !left.includes(status)) return undefined;
  return quantityValue(size) >= quantityValue(claim.status?.capacity?.['storage']) ? size : undefined;
}

/** A strategic merge patch of a claim's status. */
export type StatusPatch = object;

export const inProgress: StatusPatch = {
  status: { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } },
};

export function finished({ status }: PersistentVolumeClaim, size: string): StatusPatch {
  const present = new Set(status?.conditions?.map(({ type }) => type));
  const conditions = resizing.filter((type) => present.has(type)).map((type) => ({ type, $patch: 'delete' }));
  return {
    status: {
      capacity: { storage: size },
      allocatedResourceStatuses: { storage: null },
      ...(conditions.length > 0 ? { conditions } : {}),
    },
  };
}

/** The resizing is tried again. */
export function failed(error: unknown, nowMs: number): StatusPatch {
  const message = `failed to expand pvc with ${errorText(error)}`;
  const lastTransitionTime = rfc3339(nowMs);
  return {
    status: { conditions: [{ type: 'NodeResizeError', status: 'True', lastTransitionTime, message }] },
  };
}
