/**
 * A pod that needs a feature that nodes declare to have (KEP-5328) does not run on one without it. This kubelet declares
 * none: of the features that upstream infers from a pod's spec, it does not restart all containers together.
 */

import { initContainers, type NodePod } from '../pod.ts';
import { type Rejection, rejection } from './rejection.ts';

const restartAllContainers = 'RestartAllContainersOnContainerExits';

export function undeclaredFeature(pod: NodePod): Rejection | undefined {
  const wanted = [...pod.spec.containers, ...initContainers(pod)].some((one) =>
    one.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
  if (!wanted) return undefined;
  return rejection(
    'PodFeatureUnsupported',
    `Pod requires node features that are not available: ${restartAllContainers}`,
  );
}
