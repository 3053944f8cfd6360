/** May a volume that no pod of its node wants any more be detached? Upstream's reconciler, in its order. */

import type { Node } from '#api/generated/types.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { ForcedDetachReason } from '../volume-counts.ts';

/** A node that is not ready may never unmount: after this long its volumes are taken from it. */
export const unmountTimeoutMs = 6 * 60_000;
const outOfService = 'node.kubernetes.io/out-of-service';

export interface DetachQuestion {
  /** Undefined when the Node object is gone. */
  readonly node: Node | undefined;
  /** The node's status lists it as in use; of a node that is gone, its last status. */
  readonly isInUse: boolean;
  readonly wantedSinceMs: number;
  readonly nowMs: number;
}

/** The reasons are those for which it is taken from a node that may have it mounted still. */
export type DetachVerdict = 'detach' | ForcedDetachReason | { readonly waitMs: number | undefined };

export function detachVerdict({ node, isInUse, wantedSinceMs, nowMs }: DetachQuestion): DetachVerdict {
  const isTaken = node?.spec?.taints?.some(({ key }) => key === outOfService) ?? false;
  const leftMs = wantedSinceMs + unmountTimeoutMs - nowMs;
  if (isTaken) return 'out-of-service';
  if (!isInUse) return leftMs < 0 ? 'timeout' : 'detach';
  if (isNodeReady(node)) return { waitMs: leftMs > 0 ? leftMs + 1 : undefined };
  return leftMs < 0 ? 'timeout' : { waitMs: leftMs + 1 };
}

export function mayDetach(verdict: DetachVerdict): verdict is 'detach' | ForcedDetachReason {
  return typeof verdict === 'string';
}
