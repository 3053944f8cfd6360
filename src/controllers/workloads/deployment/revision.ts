/**
 * The ReplicaSet of a Deployment's current template: found or created, numbered as the newest revision, with
 * the Deployment's annotations; old ones are deleted beyond `revisionHistoryLimit`.
 */

import { deployments } from '#api/generated/kinds.gen.ts';
import type { ReplicaSet, ReplicaSetSpec } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { controllerReference } from '../../shared/ownership/ownership.ts';
import { templateHash, templateHashLabel } from '../../template/template-hash.ts';
import {
  annotationsOf,
  type DeploymentDraft,
  type DraftReplicaSet,
  desiredAnnotation,
  maxAnnotation,
  replicasOf,
  revisionAnnotation,
  revisionHistoryAnnotation,
} from './draft.ts';
import { newReplicasWanted } from './rolling.ts';

const historyCharactersMax = 2000;
const int32Max = 2 ** 31 - 1;

/** Annotations that are not copied from the Deployment to its ReplicaSet. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** Updates the revision of the current ReplicaSet; creates it when it is missing and `mayCreate`. */
export function syncRevision(draft: DeploymentDraft, mayCreate: boolean): void {
  const revisions = draft.old.map(({ object }) => revisionOf(object) ?? 0n);
  const revision = (revisions.sort(compare).at(-1) ?? 0n) + 1n;
  if (draft.current) {
    annotate(draft, draft.current, revision);
    setMinReady(draft.current.object.spec!, draft.spec.minReadySeconds);
    draft.revision = draft.current.object.metadata?.annotations?.[revisionAnnotation];
    if (draft.hasDeadline && !draft.condition('Progressing')) {
      const message = `Found new replica set "${draft.current.object.metadata?.name}"`;
      draft.setCondition('Progressing', 'True', 'FoundNewReplicaSet', message);
    }
    return;
  }
  if (!mayCreate) return;
  draft.current = { object: newReplicaSet(draft) };
  annotate(draft, draft.current, revision);
  draft.revision = String(revision);
  draft.annotateSizes(draft.current);
  draft.scale(draft.current, newReplicasWanted(draft, draft.current));
  if (draft.hasDeadline) {
    const message = `Created new replica set "${draft.current.object.metadata?.name}"`;
    draft.setCondition('Progressing', 'True', 'NewReplicaSetCreated', message);
  }
}

/** 0, the default, is omitted. */
function setMinReady(spec: ReplicaSetSpec, seconds = 0): void {
  if ((spec.minReadySeconds ?? 0) === seconds) return;
  if (seconds === 0) delete spec.minReadySeconds;
  else spec.minReadySeconds = seconds;
}

function newReplicaSet(draft: DeploymentDraft): ReplicaSet {
  const { deployment, spec } = draft;
  const hash = templateHash(spec.template, deployment.status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [templateHashLabel]: hash };
  const { namespace, name } = deployment.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels,
      ownerReferences: [controllerReference(deployments, deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [templateHashLabel]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

function annotate(draft: DeploymentDraft, target: DraftReplicaSet, revision: bigint): void {
  const annotations = annotationsOf(target.object);
  for (const [name, value] of Object.entries(draft.deployment.metadata.annotations ?? {})) {
    if (!ownAnnotations.has(name)) annotations[name] = value;
  }
  const before = revisionOf(target.object);
  // A revision that is not a number was written by another client, and is left alone.
  if (before === undefined && annotations[revisionAnnotation]) return;
  if (before !== undefined && before >= revision) return;
  annotations[revisionAnnotation] = String(revision);
  if (before === undefined) return;
  const history = longerHistory(annotations[revisionHistoryAnnotation] ?? '', String(before));
  if (history !== undefined) annotations[revisionHistoryAnnotation] = history;
}

/** The earlier revisions of this ReplicaSet, without the oldest when the list gets too long. */
function longerHistory(history: string, revision: string): string | undefined {
  if (history === '') return revision;
  const revisions = [...history.split(','), revision];
  while (revisions.length > 0 && revisions.join(',').length > historyCharactersMax) revisions.shift();
  return revisions.length > 0 ? revisions.join(',') : undefined;
}

/** Empty ReplicaSets beyond the limit are deleted, lowest revision first. */
export function cleanUpHistory(draft: DeploymentDraft): void {
  const limit = draft.spec.revisionHistoryLimit;
  if (limit === undefined || limit === int32Max) return;
  const alive = draft.old.filter(({ object }) => !object.metadata?.deletionTimestamp);
  const surplus = alive.length - limit;
  if (surplus <= 0) return;
  const ordered = [...alive].sort((a, b) => compare(revisionOf(a.object) ?? 0n, revisionOf(b.object) ?? 0n));
  for (const old of ordered.slice(0, surplus)) {
    const { status, metadata } = old.object;
    const isBehind = (metadata?.generation ?? 0) > (status?.observedGeneration ?? 0);
    if (replicasOf(old) === 0 && (status?.replicas ?? 0) === 0 && !isBehind) {
      draft.deletions.push(old.stored!);
    }
  }
}

/** Revisions are 64-bit integers, too large for a number. */
function revisionOf(object: KubeObject): bigint | undefined {
  const text = object.metadata?.annotations?.[revisionAnnotation];
  return text !== undefined && /^[0-9]+$/.test(text) ? BigInt(text) : undefined;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
