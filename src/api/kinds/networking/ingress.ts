/** Ingress: an empty load balancer status at creation, a warning for the old class annotation. */

import { ingressClasses, ingresses } from '../../generated/kinds.gen.ts';
import type { Ingress } from '../../generated/types.gen.ts';
import { ageOf, firstOf, nameOf, orNone } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import type { UnbuiltReader } from '../../kind/unbuilt.ts';
import {
  classAnnotation,
  validateIngress,
  validateIngressCreate,
  validateIngressStatus,
} from './ingress-validation.ts';

export const ingress = defineKind(ingresses, {
  hasGeneration: true,
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  prepareForUpdate: keepStatus,
  validate: validateIngressCreate,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: validateIngress,
  validateStatusUpdate: validateIngressStatus,
  warnings: (ingress) => {
    if (ingress.metadata?.annotations?.[classAnnotation] === undefined) return [];
    return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  storageFolder: 'ingress',
  unbuilt: withoutController,
  printer: {
    columns: [nameColumn, column('Class'), column('Hosts'), column('Address'), column('Ports'), ageColumn],
    cells: (ingress, now) => {
      const hosts = (ingress.spec?.rules ?? []).map((rule) => rule.host ?? '').filter(Boolean);
      const balancers = (ingress.status?.loadBalancer?.ingress ?? []).map((at) => at.ip || at.hostname || '');
      return [
        nameOf(ingress),
        orNone(ingress.spec?.ingressClassName),
        firstOf(hosts, 3) || '*',
        balancers.filter(Boolean).join(','),
        ingress.spec?.tls?.length ? '80, 443' : '80',
        ageOf(ingress, now),
      ];
    },
  },
});

/** An existing IngressClass belongs to a controller in the cluster. */
function withoutController({ metadata, spec }: Ingress, reader: UnbuiltReader): string | undefined {
  const name = spec?.ingressClassName ?? metadata?.annotations?.['kubernetes.io/ingress.class'];
  return name && reader.get(ingressClasses, '', name)
    ? undefined
    : 'kybern has no ingress controller yet: without one in the cluster, and its IngressClass, no traffic follows this Ingress';
}
