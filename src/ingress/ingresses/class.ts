/** Which Ingresses are this controller's, and what their class sets by default. */

import type { Ingress, IngressClass } from '#api/generated/types.gen.ts';
import type { View } from '../objects/view.ts';

export const controllerName = 'kybern.io/ingress-controller';
export const className = 'kybern';
const classAnnotation = 'kubernetes.io/ingress.class';

/** The class of clusters that have no other controller: for Ingresses that name none. */
export const defaultIngressClass: IngressClass = {
  metadata: { name: className, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
  spec: { controller: controllerName },
};

/** The annotation of earlier versions goes before the field; it names a class, whether there is an object or not. */
export function isOurs(ingress: Ingress, view: Pick<View, 'ingressClass'>): boolean {
  const old = ingress.metadata?.annotations?.[classAnnotation];
  const name = old ?? ingress.spec?.ingressClassName;
  if (name === undefined) return false;
  const found = view.ingressClass(name);
  return found ? found.spec?.controller === controllerName : old === className;
}

/** Annotations by their short names, from the ConfigMap that the parameters of the class name. */
export function classDefaults(
  ingress: Ingress,
  view: Pick<View, 'ingressClass' | 'configMap'>,
): Readonly<Record<string, string>> {
  const parameters = view.ingressClass(ingress.spec?.ingressClassName ?? '')?.spec?.parameters;
  if (parameters?.kind !== 'ConfigMap' || (parameters.apiGroup ?? '') !== '') return {};
  return view.configMap(parameters.namespace ?? '', parameters.name)?.data ?? {};
}
