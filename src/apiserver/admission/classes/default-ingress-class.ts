/**
 * An ingress that names no class gets the default one, the newest if several are marked.
 * Reads: IngressClass. Upstream: DefaultIngressClass.
 */

import { ingressClasses } from '#api/generated/kinds.gen.ts';
import type { Ingress } from '#api/generated/types.gen.ts';
import { defaultClassOf } from '#api/meta/default-class.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';

const annotations = ['ingressclass.kubernetes.io/is-default-class'];
const oldClassAnnotation = 'kubernetes.io/ingress.class';

export function defaultIngressClass(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'DefaultIngressClass',
    rules: [{ operations: ['CREATE'], apiGroups: ['networking.k8s.io'], resources: ['ingresses'] }],
    mutate({ object }) {
      const ingress = object as Ingress;
      const named = ingress.metadata?.annotations?.[oldClassAnnotation] ?? ingress.spec?.ingressClassName;
      if (named !== undefined || !ingress.spec) return;
      const chosen = defaultClassOf(readObjects(reader, ingressClasses), annotations);
      if (chosen) ingress.spec.ingressClassName = chosen.metadata!.name!;
    },
  });
}
