/**
 * Owners and dependents of every object on the server, by uid, and which objects to look at again after a
 * change.
 *
 * An owner that has not been observed is absent here; its dependents are looked at, and the server is asked
 * for it.
 */

import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export interface GraphNode {
  readonly uid: string;
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
  owners: readonly OwnerReference[];
  isDeleted: boolean;
  /** Being deleted in the foreground: removed when it has no blocking dependents. */
  awaitsDependents: boolean;
  /** Being deleted with orphaning: removed when no dependent refers to it. */
  awaitsOrphaning: boolean;
}

export interface GraphListener {
  /** This object may have to be deleted, or its finalizer removed. */
  lookAt(uid: string): void;
  /** The references of its dependents to this object must be removed. */
  orphan(uid: string): void;
  /** `owner` is in another namespace than `dependent`, where the reference does not look for it. */
  ownerElsewhere(dependent: GraphNode, reference: OwnerReference): void;
}

const noOwners: readonly OwnerReference[] = [];
const noDependents: ReadonlySet<GraphNode> = new Set();

export class GarbageGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<GraphNode>>();
  readonly #listener: GraphListener;

  constructor(listener: GraphListener) {
    this.#listener = listener;
  }

  node(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  dependents(uid: string): ReadonlySet<GraphNode> {
    return this.#dependents.get(uid) ?? noDependents;
  }

  put(type: ResourceType, object: Stored<KubeObject>): void {
    const next = nodeOf(type, object);
    const old = this.#nodes.get(next.uid);
    if (old) this.#change(old, next);
    else this.#add(next);
  }

  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (!node) return;
    this.#nodes.delete(uid);
    for (const owner of node.owners) this.#unlink(node, owner.uid);
    for (const dependent of this.dependents(uid)) this.#listener.lookAt(dependent.uid);
  }

  /** The resource is no longer served, so its objects are gone. */
  removeAll({ group, resource }: ResourceType): void {
    for (const { uid, type } of [...this.#nodes.values()]) {
      if (type.group === group && type.resource === resource) this.remove(uid);
    }
  }

  #add(node: GraphNode): void {
    this.#nodes.set(node.uid, node);
    for (const owner of node.owners) this.#link(node, owner);
    for (const dependent of this.dependents(node.uid)) this.#checkPlace(dependent, node);
    this.#followDeletion(node, undefined);
  }

  #change(node: GraphNode, next: GraphNode): void {
    const before = { ...node };
    node.owners = next.owners;
    node.isDeleted = next.isDeleted;
    node.awaitsDependents = next.awaitsDependents;
    node.awaitsOrphaning = next.awaitsOrphaning;
    if (before.owners !== noOwners || node.owners !== noOwners) this.#changeOwners(node, before.owners);
    this.#followDeletion(node, before);
  }

  #changeOwners(node: GraphNode, before: readonly OwnerReference[]): void {
    const now = new Set(node.owners.map((owner) => owner.uid));
    const then = new Map(before.map((owner) => [owner.uid, owner]));
    for (const owner of before) if (!now.has(owner.uid)) this.#unlink(node, owner.uid);
    for (const owner of node.owners) {
      const old = then.get(owner.uid);
      if (!old) this.#link(node, owner);
      else if (old.blockOwnerDeletion && !owner.blockOwnerDeletion) this.#unblock(owner.uid);
    }
  }

  #link(node: GraphNode, reference: OwnerReference): void {
    const dependents = this.#dependents.get(reference.uid);
    if (dependents) dependents.add(node);
    else this.#dependents.set(reference.uid, new Set([node]));
    const owner = this.#nodes.get(reference.uid);
    if (owner) this.#checkPlace(node, owner);
    if (!owner || owner.awaitsDependents) this.#listener.lookAt(node.uid);
  }

  #unlink(node: GraphNode, ownerUid: string): void {
    const dependents = this.#dependents.get(ownerUid);
    dependents?.delete(node);
    if (dependents?.size === 0) this.#dependents.delete(ownerUid);
    this.#unblock(ownerUid);
  }

  #unblock(ownerUid: string): void {
    if (this.#nodes.get(ownerUid)?.awaitsDependents) this.#listener.lookAt(ownerUid);
  }

  /** The owner's uid matches but its namespace does not: the reference is invalid. */
  #checkPlace(dependent: GraphNode, owner: GraphNode): void {
    if (owner.namespace === undefined || owner.namespace === dependent.namespace) return;
    const reference = dependent.owners.find((each) => each.uid === owner.uid);
    if (!reference) return;
    this.#listener.ownerElsewhere(dependent, reference);
    this.#listener.lookAt(dependent.uid);
  }

  #followDeletion(node: GraphNode, before: GraphNode | undefined): void {
    if (node.awaitsOrphaning && !before?.awaitsOrphaning) this.#listener.orphan(node.uid);
    if (!node.awaitsDependents || before?.awaitsDependents) return;
    for (const dependent of this.dependents(node.uid)) this.#listener.lookAt(dependent.uid);
    this.#listener.lookAt(node.uid);
  }
}

function nodeOf(type: ResourceType, { metadata }: Stored<KubeObject>): GraphNode {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const has = (finalizer: string) => isDeleted && metadata.finalizers?.includes(finalizer) === true;
  return {
    uid: metadata.uid,
    type,
    namespace: metadata.namespace,
    name: metadata.name,
    owners: metadata.ownerReferences?.length ? metadata.ownerReferences : noOwners,
    isDeleted,
    awaitsDependents: has(foregroundFinalizer),
    awaitsOrphaning: has(orphanFinalizer),
  };
}
