/** What one metric of an autoscaler is judged by, and what comes of it. */

import type { HorizontalPodAutoscaler, MetricStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { PodsView } from '../replicas/by-pods.ts';

export interface MetricView extends PodsView {
  readonly autoscaler: Stored<HorizontalPodAutoscaler>;
  /** Of the target's status. */
  readonly statusReplicas: number;
}

export interface MetricProposal {
  readonly replicas: number;
  /** As events and conditions name the metric. */
  readonly name: string;
  readonly status: MetricStatus;
}
