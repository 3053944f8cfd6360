/**
 * Deletes what has lost its owners, and carries out foreground and orphaning deletion.
 *
 *   1. Every deletable object is kept in a graph by uid (`graph.ts`).
 *   2. A dependent is looked at when an owner is removed, is missing, or waits for it. An owner that the
 *      graph does not hold is looked up at the server before it counts as gone.
 *   3. No owner left: deleted, with the policy that its own finalizers ask for. Some left: only the dead
 *      references are removed.
 *   4. An owner deleted in the foreground loses its finalizer when no blocking dependent is left; one deleted
 *      with orphaning, when no dependent refers to it.
 *
 * Reads every resource; deletes objects, patches owner references and finalizers. Follows upstream's garbage
 * collector: owners are looked for in the dependent's namespace or cluster-wide, never in another namespace.
 */

import type { OwnerReference } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { ReadClient } from '#client/client.ts';
import {
  type ControllerContext,
  defineController,
  type RunningController,
} from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { special } from '#client/controllers/special.ts';
import { judge, judgeAwaiting, type OwnerState, type Verdict } from './decide.ts';
import { foregroundFinalizer, GarbageGraph, type GraphNode, orphanFinalizer } from './graph.ts';
import { GarbageMonitors } from './monitors.ts';
import {
  aboutNode,
  deleteUnowned,
  dropFinalizer,
  dropOwners,
  getIfThere,
  identityOf,
  unblockOwners,
} from './steps.ts';

/** Delay before another attempt for an object whose owner's kind the server does not serve. */
const unknownKindRetryMs = 30_000;
const absentOwnersMax = 500;

export const garbageCollector = defineController({
  name: 'generic-garbage-collector',
  eventSource: 'garbage-collector-controller',
  workers: 20,
  start: (context) => new GarbageCollector(context),
});

class GarbageCollector implements RunningController {
  readonly steps = [deleteUnowned, dropFinalizer, dropOwners, unblockOwners];
  readonly #client: ReadClient;
  readonly #graph: GarbageGraph;
  readonly #monitors: GarbageMonitors;
  /** Uids that the server did not have; a uid is never reused. */
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext) {
    this.#client = context.client;
    this.#graph = new GarbageGraph({
      lookAt: (uid) => context.enqueue(`delete ${uid}`),
      orphan: (uid) => context.enqueue(`orphan ${uid}`),
      ownerElsewhere: ({ uid }, owner) => context.enqueue(`elsewhere ${uid} ${owner.uid}`),
    });
    this.#monitors = new GarbageMonitors(context, {
      onPut: (type, object) => this.#graph.put(type, object),
      onRemove: ({ metadata }) => this.#graph.remove(metadata.uid),
      onEnd: (type) => this.#graph.removeAll(type),
    });
  }

  get watches() {
    return this.#monitors.watches;
  }

  stop(): void {
    this.#monitors.stop();
  }

  /** Keys are tasks: `delete uid`, `orphan uid`, `elsewhere uid owner-uid`. */
  async reconcile(key: string): Promise<Plan> {
    await this.#monitors.synced();
    const [task, uid = '', ownerUid] = key.split(' ');
    const node = this.#graph.node(uid);
    if (!node) return nothingToDo;
    if (task === 'orphan') return this.#orphan(node);
    return task === 'elsewhere' ? reportElsewhere(node, ownerUid) : this.#lookAt(node);
  }

  async #lookAt(node: GraphNode): Promise<Plan> {
    const dependents = this.#graph.dependents(node.uid);
    if (node.awaitsDependents) return this.#planFor(node, judgeAwaiting(node, dependents));
    if (node.isDeleted || node.owners.length === 0) return nothingToDo;
    // The graph lags behind the server; deleting an object that was just orphaned or got another owner would
    // be wrong.
    const live = await getIfThere(this.#client, node);
    if (live?.metadata.uid !== node.uid || live.metadata.deletionTimestamp) return nothingToDo;
    const references = live.metadata.ownerReferences ?? [];
    const owners = { solid: [], dangling: [], waiting: [] } as Record<OwnerState, OwnerReference[]>;
    for (const reference of references) {
      const state = await this.#stateOf(reference, node);
      if (state === 'unknown') return { actions: [], againInMs: unknownKindRetryMs };
      if (state === 'impossible') return nothingToDo;
      owners[state].push(reference);
    }
    return this.#planFor(node, judge(owners, dependents), references);
  }

  async #stateOf(
    reference: OwnerReference,
    dependent: GraphNode,
  ): Promise<OwnerState | 'unknown' | 'impossible'> {
    const type = this.#monitors.typeOf(reference.apiVersion, reference.kind);
    if (!type) return this.#absent.has(reference.uid) ? 'dangling' : 'unknown';
    // A cluster-scoped object cannot have a namespaced owner; as upstream, it is left alone.
    if (type.namespaced && dependent.namespace === undefined) return 'impossible';
    const known = this.#graph.node(reference.uid);
    if (known && isNamedBy(known, reference, type, dependent)) {
      return known.awaitsDependents ? 'waiting' : 'solid';
    }
    if (!known && this.#absent.has(reference.uid)) return 'dangling';
    const namespace = type.namespaced ? dependent.namespace : undefined;
    const owner = await getIfThere(this.#client, { type, namespace, name: reference.name });
    if (owner?.metadata.uid !== reference.uid) {
      if (!known) this.#rememberAbsent(reference.uid);
      return 'dangling';
    }
    const { deletionTimestamp, finalizers } = owner.metadata;
    return deletionTimestamp && finalizers?.includes(foregroundFinalizer) ? 'waiting' : 'solid';
  }

  #planFor(node: GraphNode, verdict: Verdict, judged: readonly OwnerReference[] = []): Plan {
    const identity = identityOf(node);
    const about = aboutNode(node);
    switch (verdict.do) {
      case 'keep':
        return nothingToDo;
      case 'lookAt':
        return { actions: [{ do: 'wake', keys: verdict.uids.map((uid) => `delete ${uid}`) }] };
      case 'release':
        return { actions: [special(dropFinalizer, about, { ...identity, finalizer: foregroundFinalizer })] };
      case 'dropOwners':
        return { actions: [special(dropOwners, about, { ...identity, owners: [...verdict.uids] })] };
      case 'delete': {
        const first = verdict.unblock ? [special(unblockOwners, about, identity)] : [];
        const owners = judged.map(({ uid }) => uid);
        const deletion = { ...identity, policy: verdict.policy, owners };
        return { actions: [...first, special(deleteUnowned, about, deletion)] };
      }
    }
  }

  #orphan(owner: GraphNode): Plan {
    if (!owner.awaitsOrphaning) return nothingToDo;
    const dependents = [...this.#graph.dependents(owner.uid)];
    const actions = dependents.map((dependent) =>
      special(dropOwners, aboutNode(dependent), { ...identityOf(dependent), owners: [owner.uid] }),
    );
    const release = { ...identityOf(owner), finalizer: orphanFinalizer };
    return { actions: [{ do: 'together', actions }, special(dropFinalizer, aboutNode(owner), release)] };
  }

  #rememberAbsent(uid: string): void {
    const [oldest] = this.#absent;
    if (this.#absent.size >= absentOwnersMax && oldest !== undefined) this.#absent.delete(oldest);
    this.#absent.add(uid);
  }
}

function reportElsewhere(dependent: GraphNode, ownerUid: string | undefined): Plan {
  const reference = dependent.owners.find(({ uid }) => uid === ownerUid);
  if (!reference) return nothingToDo;
  const { type, namespace = '', name, uid } = dependent;
  const regarding = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    uid,
    ...(namespace ? { namespace } : {}),
  };
  const { apiVersion, kind } = reference;
  const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${reference.name}, uid: ${reference.uid}]`;
  const message = `ownerRef ${owner} does not exist in namespace "${namespace}"`;
  const reason = 'OwnerRefInvalidNamespace';
  return { actions: [{ do: 'event', regarding, eventType: 'Warning', reason, message }] };
}

/** Whether the reference names the known object of its uid: by kind and name, in the namespace of the dependent. */
function isNamedBy(
  known: GraphNode,
  reference: OwnerReference,
  type: ResourceType,
  dependent: GraphNode,
): boolean {
  return (
    known.name === reference.name &&
    known.type.group === type.group &&
    known.type.kind === type.kind &&
    (known.namespace === undefined || known.namespace === dependent.namespace)
  );
}
