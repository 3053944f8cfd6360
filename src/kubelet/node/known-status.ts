/**
 * What is known here of the Node's status in the API: the last report, or what others have made of it since. The node
 * controller sets the conditions of a node that it takes for lost to Unknown; upstream's kubelet compares with its
 * cached Node at every look, and so reports again.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export class KnownStatus {
  /** The newest known state. */
  #node: Stored<Node> | undefined;
  #sent: NodeStatus = {};
  /** The sent status without its heartbeats; empty when it has to be sent again. */
  #sentMeaning = '';

  get status(): NodeStatus | undefined {
    return this.#node?.status;
  }

  /** A state of the Node, which may be older than the known one. */
  see(node: Stored<Node> | undefined): void {
    if (!node || (this.#node && !isNewer(node, this.#node))) return;
    const [before, now] = [this.#node, node].map((shown) => ownPart(shown?.status, this.#sent));
    this.#node = node;
    if (!isDeepStrictEqual(before, now)) this.#sentMeaning = '';
  }

  /** The API took `sent`, and the Node is `node` by it. */
  reported(sent: NodeStatus, node: Stored<Node>): void {
    this.#node = node;
    this.#sent = sent;
    this.#sentMeaning = meaning(sent);
  }

  isReported(status: NodeStatus): boolean {
    return meaning(status) === this.#sentMeaning;
  }
}

function isNewer(a: Stored<Node>, b: Stored<Node>): boolean {
  if (a.metadata.resourceVersion === b.metadata.resourceVersion) return false;
  return BigInt(a.metadata.resourceVersion) > BigInt(b.metadata.resourceVersion);
}

/** The fields and conditions of `shown` that `sent` has too; the others are written by others. */
function ownPart(shown: NodeStatus = {}, sent: NodeStatus): object {
  const keys = new Set(Object.keys(sent));
  const types = new Set(sent.conditions?.map(({ type }) => type));
  const fields = Object.entries(shown).filter(([key]) => keys.has(key) && key !== 'conditions');
  const own = conditionsOf(shown).filter(([type]) => types.has(String(type)));
  return { ...Object.fromEntries(fields), conditions: own.sort() };
}

/** The status without its heartbeats. */
function meaning(status: NodeStatus): string {
  return JSON.stringify({ ...status, conditions: conditionsOf(status) });
}

function conditionsOf({ conditions = [] }: NodeStatus): (string | undefined)[][] {
  return conditions.map(({ type, status, reason, message }) => [type, status, reason, message]);
}
