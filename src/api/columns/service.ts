/** The columns of Service. */

import { services } from '../generated/kinds.gen.ts';
import type { Service, ServicePort } from '../generated/types.gen.ts';
import { ageOf, formatLabels, nameOf, none, orNone } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn, wideColumn } from './define.ts';

export const serviceColumns = definePrinted(
  services,
  [
    nameColumn,
    column('Type'),
    column('Cluster-IP'),
    column('External-IP'),
    column('Port(s)'),
    ageColumn,
    wideColumn('Selector'),
  ],
  (service, nowMs) => [
    nameOf(service),
    service.spec?.type ?? '',
    orNone(service.spec?.clusterIPs?.[0]),
    externalAddresses(service),
    orNone((service.spec?.ports ?? []).map(portText).join(',')),
    ageOf(service, nowMs),
    formatLabels(service.spec?.selector),
  ],
);

function externalAddresses(service: Service): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(external.join(','));
    case 'LoadBalancer': {
      const ingress = (service.status?.loadBalancer?.ingress ?? []).map(
        (one) => one.ip || one.hostname || '',
      );
      return [...ingress.filter(Boolean), ...external].join(',') || '<pending>';
    }
    case 'ExternalName':
      return orNone(service.spec.externalName);
    default:
      return service.spec?.type ? '<unknown>' : none;
  }
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
