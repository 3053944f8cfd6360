/** The objects that decide about routes, from informers that begin when the first of them is asked for. */

import {
  configMaps,
  endpointSlices,
  ingressClasses,
  ingresses,
  namespaces,
  secrets,
  services,
} from '#api/generated/kinds.gen.ts';
import type { EndpointSlice } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { View } from './view.ts';

const serviceIndex = 'service';

/** Everything that routes are made of, besides the Ingresses and their classes. */
export const routeParts: readonly ResourceType[] = [
  services,
  endpointSlices,
  secrets,
  configMaps,
  namespaces,
];

export function informerView(informers: Informers): View {
  let indexed: Informer<EndpointSlice> | undefined;
  const slices = () => {
    indexed ??= indexedSlices(informers);
    return indexed;
  };
  return {
    ingresses: () => informers.for(ingresses).list(),
    ingressClass: (name) => informers.for(ingressClasses).get(undefined, name),
    service: (namespace, name) => informers.for(services).get(namespace, name),
    slices: (namespace, service) => slices().byIndex(serviceIndex, `${namespace}/${service}`),
    secret: (namespace, name) => informers.for(secrets).get(namespace, name),
    configMap: (namespace, name) => informers.for(configMaps).get(namespace, name),
    namespace: (name) => informers.for(namespaces).get(undefined, name),
  };
}

function indexedSlices(informers: Informers): Informer<EndpointSlice> {
  const slices = informers.for(endpointSlices);
  slices.addIndex(serviceIndex, ({ metadata }) => {
    const name = metadata.labels?.['kubernetes.io/service-name'];
    return name ? [`${metadata.namespace}/${name}`] : [];
  });
  return slices;
}

/** Calls `onChange` for every change of these resources; returns the function that ends it. */
export function subscribeAll(
  informers: Informers,
  types: readonly ResourceType[],
  onChange: () => void,
): () => void {
  const handlers = { onAdd: onChange, onUpdate: onChange, onDelete: onChange };
  const stops = types.map((type) => (informers.for(type) as Informer<KubeObject>).subscribe(handlers));
  return () => {
    for (const stop of stops) stop();
  };
}
