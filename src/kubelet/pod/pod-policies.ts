/** The network policies of a node, as its kubelet needs them. */

import type { Metric } from '#base/metrics/metric.ts';
import type { NodePod } from './pod.ts';

export interface PodPolicies {
  /**
   * Resolves when policies hold for a pod whose containers are to start with these addresses, of which the API may
   * not know yet; rejects when aborted.
   */
  protect(pod: NodePod, ips: readonly string[], signal: AbortSignal): Promise<void>;
  /** Of what they have denied. */
  metrics(): Promise<readonly Metric[]>;
}
