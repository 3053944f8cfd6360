/**
 * The features that a pod requires of its node and that nodes declare (KEP-5328), inferred from its spec as
 * upstream does.
 */

import type { PodSpec } from '../generated/types.gen.ts';
import { isSidecar } from '../pods/containers.ts';
import { mayRestartAll } from '../pods/restart-rules.ts';
import { deepEqual } from '../schema/deep-equal.ts';

const resourcesType = 'io.k8s.api.core.v1.ResourceRequirements';

/** Features required to run the pod. */
export function featuresNeeded(spec: PodSpec): string[] {
  return mayRestartAll(spec) ? ['RestartAllContainersOnContainerExits'] : [];
}

/** Features required to resize it in place. */
export function featuresNeededToChange(spec: PodSpec, old: PodSpec): string[] {
  return [
    ...(deepEqual(spec.resources, old.resources, resourcesType)
      ? []
      : ['InPlacePodLevelResourcesVerticalScaling']),
    ...(changesInitContainer(spec, old) ? ['InPlacePodVerticalScalingInitContainers'] : []),
  ];
}

/** Sidecars are resized like regular containers. */
function changesInitContainer(spec: PodSpec, old: PodSpec): boolean {
  return (old.initContainers ?? []).some(
    (container, i) =>
      !isSidecar(container) &&
      !deepEqual(container.resources, spec.initContainers?.[i]?.resources, resourcesType),
  );
}
