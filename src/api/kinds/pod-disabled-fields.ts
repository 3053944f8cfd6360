/**
 * Fields of v1.36's schema whose feature gates are off by default: whoever sends them finds them gone, as upstream.
 * The gates are ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest and GenericWorkload.
 */

import type { Container, EphemeralContainer, PodSpec } from '../types.gen.ts';

export function dropDisabledFields(spec: PodSpec): void {
  if (spec.schedulingGroup) delete spec.schedulingGroup;
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.clusterTrustBundle) delete source.clusterTrustBundle;
      if (source.podCertificate) delete source.podCertificate;
    }
  }
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers]) {
    for (const container of list ?? []) dropStopSignal(container);
  }
}

function dropStopSignal(container: Container | EphemeralContainer): void {
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
}
