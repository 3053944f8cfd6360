/**
 * What to do with one object, given the state of its owners. Pure.
 *
 * An owner is solid (it exists), dangling (it does not, or not where the reference looks), or waiting (it is
 * being deleted in the foreground and waits for this object).
 */

import type { OwnerReference } from '#api/meta/object.ts';
import type { GraphNode } from './graph.ts';

export type OwnerState = 'solid' | 'dangling' | 'waiting';

export interface OwnersJudged {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  readonly waiting: readonly OwnerReference[];
}

export type Verdict =
  | { readonly do: 'keep' }
  /** Some owners exist: only the dangling references are removed. */
  | { readonly do: 'dropOwners'; readonly uids: ReadonlySet<string> }
  /** `unblock`: its own dependents are part of a circle; their references stop blocking. */
  | { readonly do: 'delete'; readonly policy: 'Foreground' | 'Inherit'; readonly unblock: boolean }
  /** Nothing blocks its deletion any more: its finalizer is removed. */
  | { readonly do: 'release' }
  /** These dependents must be deleted first. */
  | { readonly do: 'lookAt'; readonly uids: readonly string[] };

export function judge(owners: OwnersJudged, dependents: Iterable<GraphNode>): Verdict {
  const { solid, dangling, waiting } = owners;
  if (dangling.length === 0 && waiting.length === 0) return { do: 'keep' };
  if (solid.length > 0) {
    return { do: 'dropOwners', uids: new Set([...dangling, ...waiting].map((owner) => owner.uid)) };
  }
  const below = [...dependents];
  if (waiting.length > 0 && below.length > 0) {
    return { do: 'delete', policy: 'Foreground', unblock: below.some((each) => each.awaitsDependents) };
  }
  return { do: 'delete', policy: 'Inherit', unblock: false };
}

/** For an object that is being deleted in the foreground. */
export function judgeAwaiting(node: GraphNode, dependents: Iterable<GraphNode>): Verdict {
  const blocking = [...dependents].filter((dependent) =>
    dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion),
  );
  if (blocking.length === 0) return { do: 'release' };
  return { do: 'lookAt', uids: blocking.filter((each) => !each.awaitsDependents).map((each) => each.uid) };
}
