/** The features that a pod needs and that nodes declare to have (KEP-5328), inferred from its spec as upstream infers them. */

import type { PodSpec } from '../generated/types.gen.ts';
import { isSidecar, startedContainers } from '../pods/containers.ts';
import { deepEqual } from '../schema/deep-equal.ts';

const resourcesType = 'io.k8s.api.core.v1.ResourceRequirements';

/** To run it. */
export function featuresNeeded(spec: PodSpec): string[] {
  const restartsAll = startedContainers(spec).some(({ restartPolicyRules }) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
  return restartsAll ? ['RestartAllContainersOnContainerExits'] : [];
}

/** To change it while it runs. */
export function featuresNeededToChange(spec: PodSpec, old: PodSpec): string[] {
  return [
    ...(deepEqual(spec.resources, old.resources, resourcesType)
      ? []
      : ['InPlacePodLevelResourcesVerticalScaling']),
    ...(changesInitContainer(spec, old) ? ['InPlacePodVerticalScalingInitContainers'] : []),
  ];
}

/** Sidecars are resized like all other containers. */
function changesInitContainer(spec: PodSpec, old: PodSpec): boolean {
  return (old.initContainers ?? []).some(
    (container, i) =>
      !isSidecar(container) &&
      !deepEqual(container.resources, spec.initContainers?.[i]?.resources, resourcesType),
  );
}
