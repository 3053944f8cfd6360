/**
 * A pod that needs a feature that nodes declare to have does not run on a node without it.
 */

import { featuresNeeded } from '#api/nodes/declared-features.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

/** What this kubelet has of them, in their order in the status of the node. */
export const declaredFeatures = [
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
];

export function undeclaredFeature(
  { spec }: NodePod,
  declared: readonly string[] = declaredFeatures,
): Rejection | undefined {
  const missing = featuresNeeded(spec).filter((feature) => !declared.includes(feature));
  if (missing.length === 0) return undefined;
  const message = `Pod requires node features that are not available: ${missing.join(', ')}`;
  return rejection('PodFeatureUnsupported', message);
}
