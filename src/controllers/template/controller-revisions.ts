/**
 * The history of a pod template as ControllerRevisions: `kubectl rollout history` lists it and `undo`
 * restores from it.
 */

import { controllerRevisions } from '#api/generated/kinds.gen.ts';
import type { ControllerRevision, LabelSelector, PodTemplateSpec } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type Action, targetOf } from '#client/controllers/plan.ts';
import { special } from '#client/controllers/special.ts';
import type { Informer } from '#client/informers/informer.ts';
import { matchesSelector } from '../shared/label-selector.ts';
import { claim } from '../shared/ownership/claiming.ts';
import { claimable, controllerReference } from '../shared/ownership/ownership.ts';
import { countCollision } from './name-collision.ts';

/** Longest part of the owner's name that leaves room for the hash. */
const ownerNameMax = 223;

type Owner = KubeObject & { status?: { collisionCount?: number } };

export interface HistoryInput<O extends Owner> {
  readonly ownerType: ResourceType<O>;
  readonly owner: Stored<O>;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  /** The label of a revision that holds its hash. */
  readonly hashLabel: string;
  /** The hash by which a new revision is named. */
  hash(template: PodTemplateSpec, collisionCount: number | undefined): string;
}

export interface History {
  /** All existing revisions of the owner, including orphans that it adopts now. */
  readonly revisions: Stored<ControllerRevision>[];
  /** The revision of the current template. */
  readonly present: { readonly name: string; readonly hash: string };
  /** Adopts orphans; creates the current revision, or makes it the newest again. */
  readonly actions: Action[];
}

/** `informer` must be indexed by owner. */
export function historyOf<O extends Owner>(
  informer: Informer<ControllerRevision>,
  input: HistoryInput<O>,
): History {
  const { ownerType, owner, selector } = input;
  const candidates = claimable(informer, owner);
  const { owned, actions } = claim(ownerType, owner, controllerRevisions, candidates, ({ metadata }) =>
    matchesSelector(selector, metadata.labels),
  );
  const { present, action } = presentRevision(input, owned);
  return { revisions: owned, present, actions: action ? [...actions, action] : actions };
}

function presentRevision<O extends Owner>(
  input: HistoryInput<O>,
  revisions: readonly Stored<ControllerRevision>[],
): { present: History['present']; action?: Action } {
  const data = dataOf(input.template);
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const same = revisions
    .filter((revision) => deepEqual(revision.data, data))
    .sort((a, b) => b.revision - a.revision)[0];
  if (same) {
    const present = { name: same.metadata.name, hash: same.metadata.labels?.[input.hashLabel] ?? '' };
    if (same.revision === newest) return { present };
    const object: Stored<ControllerRevision> = { ...same, revision: newest + 1 };
    return { present, action: { do: 'update', type: controllerRevisions, object } };
  }
  const object = newRevision(input, newest + 1);
  const { name = '', labels = {} } = object.metadata ?? {};
  return { present: { name, hash: labels[input.hashLabel]! }, action: createRevision(input, object) };
}

/**
 * With the owner's annotations, of which `kubernetes.io/change-cause` is shown as the reason of the change.
 */
function newRevision<O extends Owner>(input: HistoryInput<O>, revision: number): ControllerRevision {
  const { ownerType, owner, template, hashLabel } = input;
  const { namespace, name, annotations } = owner.metadata;
  const hash = input.hash(template, owner.status?.collisionCount);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name.slice(0, ownerNameMax)}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(ownerType, owner)],
    },
    data: dataOf(template),
    revision,
  };
}

/**
 * The name contains a hash: when another template has the same, the collision is counted, and the hash is
 * computed again.
 */
function createRevision<O extends Owner>(
  { ownerType, owner }: HistoryInput<O>,
  object: ControllerRevision,
): Action {
  const about = `${controllerRevisions.kind} ${owner.metadata.namespace}/${object.metadata?.name}`;
  const collision = { ownerType, owner, type: controllerRevisions, object };
  return {
    do: 'create',
    type: controllerRevisions,
    object,
    ifTaken: [special(countCollision, about, collision)],
  };
}

/**
 * A patch of the owner that restores this template. The API server writes it as Go programs would, byte for
 * byte.
 */
export function dataOf(template: PodTemplateSpec) {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const data = revision.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined;
  const { $patch: _patch, ...template } = data?.spec?.template ?? {};
  return data?.spec?.template ? template : undefined;
}

/** Deletes the oldest `count` of these revisions. */
export function deleteOldest(revisions: readonly Stored<ControllerRevision>[], count: number): Action[] {
  return [...revisions]
    .sort((a, b) => a.revision - b.revision)
    .slice(0, Math.max(0, count))
    .map((revision) => ({
      do: 'delete',
      ...targetOf(controllerRevisions, revision),
      uid: revision.metadata.uid,
    }));
}
