/**
 * Fields of v1.36's schema whose feature gates are off by default: they are dropped, as upstream
 * does. The gates are ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest and
 * GenericWorkload.
 */

import type { PodSpec } from '../../../generated/types.gen.ts';
import { type AnyContainer, allContainers } from '../validation/containers/lists.ts';

export function dropDisabledFields(spec: PodSpec | undefined): void {
  if (!spec) return;
  if (spec.schedulingGroup) delete spec.schedulingGroup;
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.clusterTrustBundle) delete source.clusterTrustBundle;
      if (source.podCertificate) delete source.podCertificate;
    }
  }
  for (const container of allContainers(spec)) dropStopSignal(container);
}

function dropStopSignal(container: AnyContainer): void {
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
}
