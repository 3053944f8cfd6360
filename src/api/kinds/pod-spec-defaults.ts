/** Defaults of a pod's spec, alone or inside a template. What only a real pod gets is in `setPodOnlyDefaults`. */

import { parseQuantity, zeroQuantity } from '../quantity.ts';
import type { PodSpec, PodTemplateSpec } from '../types.gen.ts';
import { setContainerDefaults, setHostPorts, setRequestsFromLimits } from './container-defaults.ts';
import { setVolumeDefaults } from './volume-defaults.ts';

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
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    setRequestsFromLimits(container.resources);
    if (spec.hostNetwork) setHostPorts(container);
  }
  if (spec.resources?.limits) setPodRequests(spec);
}

/** What the pod as a whole asks for: what its containers ask for together, else its limit. */
function setPodRequests(spec: PodSpec): void {
  const resources = spec.resources!;
  const requests = { ...resources.requests };
  for (const [name, limit] of Object.entries(resources.limits ?? {})) {
    if (requests[name] !== undefined) continue;
    const asked = (spec.containers ?? []).map((one) => one.resources?.requests?.[name]).filter(Boolean);
    const sum = asked.map((amount) => parseQuantity(amount!)).reduce((a, b) => a.add(b), zeroQuantity);
    requests[name] = asked.length > 0 ? String(sum) : limit;
  }
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/** `serviceAccount` is the old name of `serviceAccountName`; readers find both, the new one wins. */
function mirrorServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

function allContainers(spec: PodSpec) {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}
