/**
 * The steps of the garbage collector: it removes owner references and finalizers, and deletes objects without
 * owners.
 *
 * Special steps, since each works on the server's current object: the graph lags behind it, and a list of
 * owners or finalizers is written as a whole, so it must be based on the newest one.
 */

import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client, ReadClient } from '#client/client.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { printTarget } from '#client/controllers/print-plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';
import { foregroundFinalizer, type GraphNode, orphanFinalizer } from './graph.ts';

interface Place {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface Identity extends Place {
  readonly uid: string;
}

export function identityOf({ type, namespace, name, uid }: GraphNode): Identity {
  return { type, namespace, name, uid };
}

export function aboutNode({ type, namespace, name }: Place): string {
  return printTarget({ type, ...(namespace === undefined ? {} : { namespace }), name });
}

export const dropFinalizer: SpecialStep<Identity & { readonly finalizer: string }> = {
  name: 'dropFinalizer',
  carryOut: (step, client) =>
    onFresh(step, client, ({ metadata }) => {
      if (!metadata.finalizers?.includes(step.finalizer)) return [];
      const finalizers = metadata.finalizers.filter((each) => each !== step.finalizer);
      return [patchMetadata(step, { resourceVersion: metadata.resourceVersion, finalizers })];
    }),
};

/** `owners`: their uids. */
export const dropOwners: SpecialStep<Identity & { readonly owners: readonly string[] }> = {
  name: 'dropOwners',
  carryOut: (step, client) =>
    onFresh(step, client, ({ metadata }) => [
      changeOwners(step, metadata, (owners) => owners.filter(({ uid }) => !step.owners.includes(uid))),
    ]),
};

/** Its owner references stop blocking deletion. */
export const unblockOwners: SpecialStep<Identity> = {
  name: 'unblockOwners',
  carryOut: (step, client) =>
    onFresh(step, client, ({ metadata }) => [
      changeOwners(step, metadata, (owners) =>
        owners.map((owner) => (owner.blockOwnerDeletion ? { ...owner, blockOwnerDeletion: false } : owner)),
      ),
    ]),
};

interface Deletion extends Identity {
  readonly policy: 'Foreground' | 'Inherit';
  /** The uids of the owners that were judged: an owner added meanwhile keeps the object. */
  readonly owners: readonly string[];
}

export const deleteUnowned: SpecialStep<Deletion> = {
  name: 'deleteUnowned',
  carryOut: (step, client) =>
    onFresh(step, client, (fresh) => {
      const { uid, resourceVersion, finalizers = [], ownerReferences = [] } = fresh.metadata;
      if (!areSame(ownerReferences, step.owners)) return [{ do: 'wake', keys: [`delete ${step.uid}`] }];
      const propagationPolicy = step.policy === 'Inherit' ? inheritedPolicy(finalizers) : step.policy;
      const options = { propagationPolicy, preconditions: { uid, resourceVersion } };
      return [{ do: 'delete', ...targetOf(step.type, fresh), options }];
    }),
};

function inheritedPolicy(finalizers: readonly string[]): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

function areSame(owners: readonly OwnerReference[], uids: readonly string[]): boolean {
  return owners.length === uids.length && owners.every(({ uid }, index) => uid === uids[index]);
}

/** Does nothing if the object is gone or was recreated. */
async function onFresh(
  identity: Identity,
  client: Client,
  stepsOn: (fresh: Stored<KubeObject>) => readonly Action[],
): Promise<Plan> {
  const fresh = await getIfThere(client, identity);
  return fresh?.metadata.uid === identity.uid ? { actions: stepsOn(fresh) } : nothingToDo;
}

function changeOwners(
  identity: Identity,
  { resourceVersion, ownerReferences = [] }: Stored<KubeObject>['metadata'],
  change: (owners: OwnerReference[]) => OwnerReference[],
): Action {
  return patchMetadata(identity, { resourceVersion, ownerReferences: change(ownerReferences) });
}

function patchMetadata({ type, namespace, name, uid }: Identity, change: Record<string, unknown>): Action {
  const target = { type, ...(namespace === undefined ? {} : { namespace }), name };
  const patch = { metadata: { uid, ...change } };
  return { do: 'patch', ...target, patchType: 'merge', patch, ignore: ['NotFound'] };
}

export async function getIfThere(
  client: ReadClient,
  { type, namespace, name }: Place,
): Promise<Stored<KubeObject> | undefined> {
  try {
    return await client.get(type, namespace === undefined ? { name } : { namespace, name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}
