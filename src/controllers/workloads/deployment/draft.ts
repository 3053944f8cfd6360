/**
 * A Deployment with its ReplicaSets while the decision is being made: scaling and annotating change the
 * draft, and its differences from the stored objects become the plan.
 */

import type { Deployment, DeploymentCondition, Pod, ReplicaSet } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { resolveIntOrPercent } from '../../shared/int-or-percent.ts';
import { isSameTemplate } from '../../template/template-hash.ts';

const int32Max = 2 ** 31 - 1;

export interface DeploymentView {
  readonly deployment: Stored<Deployment>;
  /** The ReplicaSets it owns. */
  readonly replicaSets: readonly Stored<ReplicaSet>[];
  /** The pods of a ReplicaSet. */
  podsOf(replicaSet: Stored<ReplicaSet>): readonly Stored<Pod>[];
  readonly nowMs: number;
}

/** A ReplicaSet that may be changed here, and its stored state. */
export interface DraftReplicaSet {
  /** Undefined for a ReplicaSet that is about to be created. */
  readonly stored?: Stored<ReplicaSet>;
  readonly object: ReplicaSet;
}

export interface DraftEvent {
  readonly eventType: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export class DeploymentDraft {
  readonly view: DeploymentView;
  readonly deployment: Stored<Deployment>;
  readonly nowMs: number;
  readonly replicas: number;
  /** Oldest first, without the new ReplicaSet. */
  readonly old: DraftReplicaSet[];
  current: DraftReplicaSet | undefined;
  conditions: DeploymentCondition[];
  revision: string | undefined;
  readonly deletions: Stored<ReplicaSet>[] = [];
  readonly events: DraftEvent[] = [];

  constructor(view: DeploymentView) {
    this.view = view;
    this.deployment = view.deployment;
    this.nowMs = view.nowMs;
    this.replicas = view.deployment.spec?.replicas ?? 1;
    this.conditions = [...(view.deployment.status?.conditions ?? [])];
    const drafts = [...view.replicaSets].sort(byCreation).map(draftOf);
    const { template } = this.spec;
    this.current = drafts.find(({ object }) => isSameTemplate(object.spec?.template ?? {}, template));
    this.old = drafts.filter((draft) => draft !== this.current);
  }

  get spec() {
    return this.deployment.spec!;
  }

  get all(): DraftReplicaSet[] {
    return this.current ? [...this.old, this.current] : [...this.old];
  }

  get isRolling(): boolean {
    return this.spec.strategy?.type !== 'Recreate';
  }

  /**
   * How many pods may exist beyond `replicas`, and how many may be unavailable, during a rolling update.
   */
  get limits(): { surge: number; unavailable: number } {
    if (!this.isRolling) return { surge: 0, unavailable: 0 };
    const { maxSurge, maxUnavailable } = this.spec.strategy?.rollingUpdate ?? {};
    const surge = resolveIntOrPercent(maxSurge ?? '25%', this.replicas, 'up');
    let unavailable = resolveIntOrPercent(maxUnavailable ?? '25%', this.replicas, 'down');
    // Both may round to 0, which would block the update; then one pod may be unavailable.
    if (surge === 0 && unavailable === 0) unavailable = 1;
    return { surge, unavailable: Math.min(unavailable, this.replicas) };
  }

  get hasDeadline(): boolean {
    const seconds = this.spec.progressDeadlineSeconds;
    return seconds !== undefined && seconds !== int32Max;
  }

  condition(type: string): DeploymentCondition | undefined {
    return this.conditions.find((condition) => condition.type === type);
  }

  /** Does nothing when status and reason are unchanged; the transition time is kept when the status is. */
  setCondition(
    type: string,
    status: string,
    reason: string,
    message: string,
    at = rfc3339(this.nowMs),
  ): void {
    const before = this.condition(type);
    if (before?.status === status && before.reason === reason) return;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : at;
    this.dropCondition(type);
    this.conditions.push({
      type,
      status,
      lastUpdateTime: at,
      ...(lastTransitionTime ? { lastTransitionTime } : {}),
      reason,
      message,
    });
  }

  dropCondition(type: string): void {
    this.conditions = this.conditions.filter((condition) => condition.type !== type);
  }

  /** Sets `spec.replicas`, with an event; returns whether that changed anything. */
  scale(draft: DraftReplicaSet, replicas: number): boolean {
    const before = replicasOf(draft);
    if (replicas === before) return false;
    this.annotateSizes(draft);
    draft.object.spec!.replicas = replicas;
    const direction = replicas > before ? 'up' : 'down';
    this.events.push({
      eventType: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${draft.object.metadata?.name} from ${before} to ${replicas}`,
    });
    return true;
  }

  /** Recorded so that later proportional scaling knows the total that the size was a share of. */
  annotateSizes(draft: DraftReplicaSet): void {
    const annotations = annotationsOf(draft.object);
    annotations[desiredAnnotation] = String(this.replicas);
    annotations[maxAnnotation] = String(this.replicas + this.limits.surge);
  }
}

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

export function replicasOf(draft: DraftReplicaSet): number {
  return draft.object.spec?.replicas ?? 0;
}

export function availableOf(draft: DraftReplicaSet): number {
  return draft.object.status?.availableReplicas ?? 0;
}

export function sum(
  drafts: readonly DraftReplicaSet[],
  amountOf: (draft: DraftReplicaSet) => number,
): number {
  return drafts.reduce((total, draft) => total + amountOf(draft), 0);
}

/** The annotations, mutable. */
export function annotationsOf(object: KubeObject): Record<string, string> {
  object.metadata ??= {};
  object.metadata.annotations ??= {};
  return object.metadata.annotations;
}

/** A non-negative integer annotation. */
export function numberAnnotation(object: KubeObject, name: string): number | undefined {
  const text = object.metadata?.annotations?.[name];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

export function byCreation(a: KubeObject, b: KubeObject): number {
  const [aTime, bTime] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  if (aTime !== bTime) return aTime < bTime ? -1 : 1;
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

/**
 * Only the parts that a decision changes are copied: metadata with its annotations, and the top of the spec.
 */
function draftOf(stored: Stored<ReplicaSet>): DraftReplicaSet {
  const { metadata, spec } = stored;
  return {
    stored,
    object: {
      ...stored,
      metadata: { ...metadata, annotations: { ...metadata.annotations } },
      ...(spec ? { spec: { ...spec } } : {}),
    },
  };
}
