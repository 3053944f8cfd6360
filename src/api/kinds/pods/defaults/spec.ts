/**
 * Defaults of a pod's spec, alone or inside a template. Defaults for pods only are in `setPodOnlyDefaults`.
 */

import type { PodSpec, PodTemplateSpec } from '../../../generated/types.gen.ts';
import { startedContainers } from '../../../pods/containers.ts';
import { allContainers } from '../validation/containers/lists.ts';
import { setContainerDefaults, setHostPorts } from './containers.ts';
import { setPodLevelResources, setRequestsFromLimits } from './resources.ts';
import { setVolumeDefaults } from './volumes.ts';

export function setPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  mirrorServiceAccount(spec);
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of allContainers(spec)) setContainerDefaults(container);
}

export function setPodTemplateDefaults(template: PodTemplateSpec | undefined): void {
  if (!template) return;
  template.metadata ??= {};
  template.spec ??= {} as PodSpec;
  setPodSpecDefaults(template.spec);
}

export function setPodOnlyDefaults(spec: PodSpec): void {
  spec.enableServiceLinks ??= true;
  // A template keeps a negative period; the pod made from it gets one second.
  if (spec.terminationGracePeriodSeconds !== undefined && spec.terminationGracePeriodSeconds < 0) {
    spec.terminationGracePeriodSeconds = 1;
  }
  for (const container of startedContainers(spec)) {
    setRequestsFromLimits(container.resources);
    if (spec.hostNetwork) setHostPorts(container);
  }
  setPodLevelResources(spec);
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are set, the new one takes precedence. */
function mirrorServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}
