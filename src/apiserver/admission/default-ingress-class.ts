/**
 * An ingress that names no class gets the default one, the newest if several are marked.
 * Reads: IngressClass. Upstream: DefaultIngressClass.
 */

import { ingressClasses } from '#api/kinds.gen.ts';
import type { Ingress, IngressClass } from '#api/types.gen.ts';
import type { AdmissionPlugin, ObjectReader } from '../contract.ts';
import { readObjects } from '../typed-reader.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const oldClassAnnotation = 'kubernetes.io/ingress.class';

export function defaultIngressClass(reader: ObjectReader): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    resources: ['ingresses.networking.k8s.io'],
    mutate({ operation, subresource, object }) {
      if (operation !== 'CREATE' || subresource !== '' || !object) return;
      const ingress = object as Ingress;
      const named = ingress.metadata?.annotations?.[oldClassAnnotation] ?? ingress.spec?.ingressClassName;
      if (named !== undefined || !ingress.spec) return;
      const chosen = defaultOf(readObjects(reader, ingressClasses));
      if (chosen) ingress.spec.ingressClassName = chosen.metadata!.name!;
    },
  };
}

function defaultOf(classes: readonly IngressClass[]): IngressClass | undefined {
  const created = (one: IngressClass) => one.metadata?.creationTimestamp ?? '';
  const name = (one: IngressClass) => one.metadata?.name ?? '';
  return classes
    .filter((one) => one.metadata?.annotations?.[defaultAnnotation] === 'true')
    .sort((a, b) => created(b).localeCompare(created(a)) || name(a).localeCompare(name(b)))[0];
}
