/**
 * Deletes what has lost its owners, and carries out foreground and orphaning deletion.
 *
 * 1. Every deletable object is kept in a graph by uid (`graph.ts`). 2. A dependent is looked at when an owner
 * goes, is missing, or waits for it. An owner the graph does not hold is asked for at the server before it counts as
 * gone. 3. No owner left: deleted, with the policy its own finalizers ask for. Some left: only the dead references go.
 * 4. An owner deleted in the foreground loses its finalizer when no blocking dependent is left; one deleted with orphaning, when
 * its dependents have forgotten it.
 * Reads every resource; deletes objects, patches owner references and finalizers. Follows upstream's garbage collector:
 * owners are looked for in the dependent's namespace or cluster-wide, never in another namespace.
 */

import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import {
  type Action,
  type ControllerContext,
  defineController,
  type Plan,
} from '#client/controllers/controller.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import { judge, judgeAwaiting, type OwnerState, type Verdict } from './decide.ts';
import { foregroundFinalizer, GarbageGraph, type GraphNode, orphanFinalizer } from './graph.ts';
import { GarbageMonitors } from './monitors.ts';

/** How often to look again at an object whose owner's kind the server does not know. */
const unknownKindRetryMs = 30_000;
const absentOwnersMax = 500;
const name = 'generic-garbage-collector';

export const garbageCollector = defineController({
  name,
  workers: 20,
  start: (context) => new GarbageCollector(context),
});

class GarbageCollector {
  readonly #client: Client;
  readonly #enqueue: (key: string) => void;
  readonly #recorder: EventRecorder;
  readonly #graph: GarbageGraph;
  readonly #monitors: GarbageMonitors;
  /** Uids that the server did not have; a uid never comes back. */
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext) {
    this.#client = context.client;
    this.#enqueue = context.enqueue;
    this.#recorder = createEventRecorder({
      env: context.env,
      client: context.client,
      component: 'garbage-collector-controller',
    });
    this.#graph = new GarbageGraph({
      lookAt: (uid) => context.enqueue(`delete ${uid}`),
      orphan: (uid) => context.enqueue(`orphan ${uid}`),
      ownerElsewhere: (dependent, reference) => this.#reportElsewhere(dependent, reference),
    });
    this.#monitors = new GarbageMonitors(context, {
      onPut: (type, object) => this.#graph.put(type, object),
      onRemove: ({ metadata }) => this.#graph.remove(metadata.uid),
      onEnd: (type) => this.#graph.removeAll(type),
    });
  }

  stop(): void {
    this.#monitors.stop();
  }

  async reconcile(key: string): Promise<Plan> {
    await this.#monitors.synced();
    const [task, uid] = key.split(' ');
    const node = this.#graph.node(uid!);
    if (!node) return { actions: [] };
    return task === 'orphan' ? this.#orphan(node) : this.#lookAt(node);
  }

  async #lookAt(node: GraphNode): Promise<Plan> {
    const dependents = this.#graph.dependents(node.uid);
    if (node.awaitsDependents) return this.#planFor(node, judgeAwaiting(node, dependents));
    if (node.isDeleted || node.owners.length === 0) return { actions: [] };
    // The graph lags behind the server; deleting what has just been orphaned or given another owner would be wrong.
    const live = await getOrUndefined(this.#client, node.type, node.namespace, node.name);
    if (live?.metadata.uid !== node.uid || live.metadata.deletionTimestamp) return { actions: [] };
    const references = live.metadata.ownerReferences ?? [];
    const owners = { solid: [], dangling: [], waiting: [] } as Record<OwnerState, OwnerReference[]>;
    for (const reference of references) {
      const state = await this.#stateOf(reference, node);
      if (state === 'unknown') return { actions: [], againInMs: unknownKindRetryMs };
      if (state === 'impossible') return { actions: [] };
      owners[state].push(reference);
    }
    return this.#planFor(node, judge(owners, dependents), references);
  }

  async #stateOf(reference: OwnerReference, of: GraphNode): Promise<OwnerState | 'unknown' | 'impossible'> {
    const type = this.#monitors.typeOf(reference.apiVersion, reference.kind);
    if (!type) return this.#absent.has(reference.uid) ? 'dangling' : 'unknown';
    // A cluster-scoped object cannot be owned by a namespaced one; upstream leaves it alone.
    if (type.namespaced && of.namespace === undefined) return 'impossible';
    const known = this.#graph.node(reference.uid);
    if (known && isMeant(known, reference, type, of)) return known.awaitsDependents ? 'waiting' : 'solid';
    if (!known && this.#absent.has(reference.uid)) return 'dangling';
    const namespace = type.namespaced ? of.namespace : undefined;
    const owner = await getOrUndefined(this.#client, type, namespace, reference.name);
    if (owner?.metadata.uid !== reference.uid) {
      if (!known) this.#rememberAbsent(reference.uid);
      return 'dangling';
    }
    const { deletionTimestamp, finalizers } = owner.metadata;
    return deletionTimestamp && finalizers?.includes(foregroundFinalizer) ? 'waiting' : 'solid';
  }

  #planFor(node: GraphNode, verdict: Verdict, judged: readonly OwnerReference[] = []): Plan {
    switch (verdict.do) {
      case 'keep':
        return { actions: [] };
      case 'lookAt':
        for (const uid of verdict.uids) this.#enqueue(`delete ${uid}`);
        return { actions: [] };
      case 'release':
        return { actions: [dropFinalizer(node, foregroundFinalizer)] };
      case 'dropOwners':
        return {
          actions: [changeOwners(node, (owners) => owners.filter(({ uid }) => !verdict.uids.has(uid)))],
        };
      case 'delete': {
        const unblock = (owners: OwnerReference[]) =>
          owners.map((owner) => (owner.blockOwnerDeletion ? { ...owner, blockOwnerDeletion: false } : owner));
        const first = verdict.unblock ? [changeOwners(node, unblock)] : [];
        const lookAgain = () => this.#enqueue(`delete ${node.uid}`);
        return { actions: [...first, remove(node, verdict.policy, judged, lookAgain)] };
      }
    }
  }

  #orphan(owner: GraphNode): Plan {
    if (!owner.awaitsOrphaning) return { actions: [] };
    const forget = (owners: OwnerReference[]) => owners.filter(({ uid }) => uid !== owner.uid);
    const dependents = [...this.#graph.dependents(owner.uid)];
    const actions = dependents.map((dependent) => changeOwners(dependent, forget));
    return { actions: [{ do: 'together', actions }, dropFinalizer(owner, orphanFinalizer)] };
  }

  #rememberAbsent(uid: string): void {
    const [oldest] = this.#absent;
    if (this.#absent.size >= absentOwnersMax && oldest !== undefined) this.#absent.delete(oldest);
    this.#absent.add(uid);
  }

  #reportElsewhere(dependent: GraphNode, { apiVersion, kind, name: ownerName, uid }: OwnerReference): void {
    const namespace = dependent.namespace ?? '';
    const regarding = {
      apiVersion: apiVersionOf(dependent.type),
      kind: dependent.type.kind,
      name: dependent.name,
      uid: dependent.uid,
      ...(dependent.namespace ? { namespace } : {}),
    };
    const meant = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${ownerName}, uid: ${uid}]`;
    const message = `ownerRef ${meant} does not exist in namespace "${namespace}"`;
    this.#recorder.event(regarding, 'Warning', 'OwnerRefInvalidNamespace', message);
  }
}

/** The object with that uid is the one the reference names, where the reference looks for it. */
function isMeant(known: GraphNode, reference: OwnerReference, type: ResourceType, of: GraphNode): boolean {
  return (
    known.name === reference.name &&
    known.type.group === type.group &&
    known.type.kind === type.kind &&
    (known.namespace === undefined || known.namespace === of.namespace)
  );
}

async function getOrUndefined(
  client: Client,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
): Promise<Stored<KubeObject> | undefined> {
  try {
    return await client.get(type, at(namespace, name));
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function at(namespace: string | undefined, name: string): { namespace?: string; name: string } {
  return namespace === undefined ? { name } : { namespace, name };
}

/** Works on the object as the server has it now; does nothing when it is gone or replaced. */
function onFresh(
  node: GraphNode,
  task: string,
  work: (client: Client, fresh: Stored<KubeObject>) => Promise<unknown>,
): Action {
  const { type, namespace, name, uid } = node;
  return {
    do: 'run',
    name: `${task} ${type.kind} ${namespace ?? ''}/${name}`,
    async run(client) {
      const fresh = await getOrUndefined(client, type, namespace, name);
      if (fresh?.metadata.uid !== uid) return;
      try {
        await work(client, fresh);
      } catch (error) {
        if (!(error instanceof StatusError && error.code === 404)) throw error;
      }
    },
  };
}

function dropFinalizer(node: GraphNode, finalizer: string): Action {
  return onFresh(node, `drop ${finalizer} of`, async (client, { metadata }) => {
    if (!metadata.finalizers?.includes(finalizer)) return;
    const finalizers = metadata.finalizers.filter((each) => each !== finalizer);
    await patchMetadata(client, node, { resourceVersion: metadata.resourceVersion, finalizers });
  });
}

function changeOwners(node: GraphNode, change: (owners: OwnerReference[]) => OwnerReference[]): Action {
  return onFresh(node, 'change owners of', async (client, { metadata }) => {
    const ownerReferences = change(metadata.ownerReferences ?? []);
    await patchMetadata(client, node, { resourceVersion: metadata.resourceVersion, ownerReferences });
  });
}

async function patchMetadata(
  client: Client,
  node: GraphNode,
  change: Record<string, unknown>,
): Promise<void> {
  const metadata = { uid: node.uid, ...change };
  await client.patch(node.type, at(node.namespace, node.name), 'merge', { metadata });
}

/** Deletes the object if its owners are the judged ones still: an owner added meanwhile saves it. */
function remove(
  node: GraphNode,
  policy: 'Foreground' | 'Inherit',
  judged: readonly OwnerReference[],
  lookAgain: () => void,
): Action {
  return onFresh(node, 'delete', async (client, { metadata }) => {
    const { uid, resourceVersion, finalizers } = metadata;
    if (!sameOwners(metadata.ownerReferences ?? [], judged)) return lookAgain();
    const inherited = finalizers?.includes(orphanFinalizer)
      ? 'Orphan'
      : finalizers?.includes(foregroundFinalizer)
        ? 'Foreground'
        : 'Background';
    await client.delete(node.type, at(node.namespace, node.name), {
      propagationPolicy: policy === 'Inherit' ? inherited : policy,
      preconditions: { uid, resourceVersion },
    });
  });
}

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every((owner, index) => owner.uid === b[index]?.uid);
}
