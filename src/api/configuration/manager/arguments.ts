/** The arguments of upstream's kube-controller-manager that kybern takes, by upstream's flag names. */

import {
  type Argument,
  type Arguments,
  durationMs,
  fraction,
  type ValuesOf,
  wholeNumber,
} from '../argument.ts';

/** More often than this a controller would do nothing else. */
const periodMsMin = 100;

export const managerArguments = {
  'cluster-signing-duration': durationMs(
    'How long certificates live that are signed for CertificateSigningRequests, which may ask for less. Default 8760h.',
  ),
  'concurrent-horizontal-pod-autoscaler-syncs': wholeNumber(
    'How many HorizontalPodAutoscalers are worked on at once. Default 5.',
    { min: 1, max: 1_000 },
  ),
  'horizontal-pod-autoscaler-cpu-initialization-period': durationMs(
    'How long after the start of a pod its cpu does not count while it is not ready. Default 5m.',
  ),
  'horizontal-pod-autoscaler-downscale-stabilization': durationMs(
    'How far back the highest recommendation counts before a scaling down, unless the behavior sets a window. Default 5m.',
  ),
  'horizontal-pod-autoscaler-initial-readiness-delay': durationMs(
    'How long after the start of a pod its first change of readiness counts as not yet ready. Default 30s.',
  ),
  'horizontal-pod-autoscaler-sync-period': period(
    'How often each HorizontalPodAutoscaler is looked at. Default 15s.',
  ),
  'horizontal-pod-autoscaler-tolerance': fraction(
    'How far the ratio of usage to target may be from 1 before replicas change, unless the behavior sets it. Default 0.1.',
    { min: 0, max: 1_000 },
  ),
} satisfies Arguments;

/** Values by name, as far as they are set. */
export type ManagerArguments = ValuesOf<typeof managerArguments>;

function period(description: string): Argument<number> {
  return {
    ...durationMs(description),
    problem: (ms) => (ms < periodMsMin ? { message: `is less than ${periodMsMin}ms` } : undefined),
  };
}
