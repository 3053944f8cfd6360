/** The history of a pod template as ControllerRevisions: what `kubectl rollout history` lists and `undo` goes back to. */

import { deepEqual } from '#api/deep-equal.ts';
import { controllerRevisions } from '#api/kinds.gen.ts';
import type { KubeObject, Stored } from '#api/object.ts';
import type { ResourceType } from '#api/resource.ts';
import type { ControllerRevision, PodTemplateSpec } from '#api/types.gen.ts';
import type { Action } from '#client/controller.ts';
import { controllerReference } from './ownership.ts';
import { templateHash } from './template-hash.ts';

export interface RevisionInput {
  readonly ownerType: ResourceType;
  readonly owner: Stored<KubeObject>;
  readonly template: PodTemplateSpec;
  /** Those it owns. */
  readonly revisions: readonly Stored<ControllerRevision>[];
  readonly collisionCount: number | undefined;
  /** Which label of a revision holds its hash. */
  readonly hashLabel: string;
}

export interface PresentRevision {
  readonly name: string;
  readonly hash: string;
  /** Makes it, or makes it the newest again. */
  readonly actions: Action[];
}

/** The revision of the present template. */
export function presentRevision(input: RevisionInput): PresentRevision {
  const { owner, template, revisions, hashLabel } = input;
  const data = dataOf(template);
  const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
  const same = revisions
    .filter((one) => deepEqual(one.data, data))
    .sort((a, b) => b.revision - a.revision)[0];
  if (same) {
    const object: Stored<ControllerRevision> = { ...same, revision: newest + 1 };
    const isNewest = same.revision === newest;
    return {
      name: same.metadata.name,
      hash: same.metadata.labels?.[hashLabel] ?? '',
      actions: isNewest ? [] : [{ do: 'update', type: controllerRevisions, object }],
    };
  }
  const hash = templateHash(template, input.collisionCount);
  const name = `${owner.metadata.name}-${hash}`;
  const { namespace } = owner.metadata;
  const object: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ownerReferences: [controllerReference(input.ownerType, owner)],
    },
    data,
    revision: newest + 1,
  };
  return { name, hash, actions: [{ do: 'create', type: controllerRevisions, object }] };
}

/** A patch of the owner that brings this template back. */
function dataOf(template: PodTemplateSpec) {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const data = revision.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined;
  const { $patch: _patch, ...template } = data?.spec?.template ?? {};
  return data?.spec?.template ? template : undefined;
}

/** Revisions nobody uses, beyond the limit, oldest first. */
export function surplusRevisions(
  revisions: readonly Stored<ControllerRevision>[],
  isUsed: (revision: Stored<ControllerRevision>) => boolean,
  limit: number,
): Action[] {
  const unused = revisions.filter((one) => !isUsed(one)).sort((a, b) => a.revision - b.revision);
  return unused
    .slice(0, Math.max(0, unused.length - limit))
    .map(({ metadata: { namespace, name, uid } }) => ({
      do: 'delete',
      type: controllerRevisions,
      namespace: namespace!,
      name,
      uid,
    }));
}
