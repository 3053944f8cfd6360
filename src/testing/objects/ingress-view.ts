/** Objects of one namespace, as decisions about routes see them. */

import type {
  ConfigMap,
  EndpointSlice,
  Ingress,
  IngressClass,
  Secret,
  Service,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defaultIngressClass } from '#ingress/ingresses/class.ts';
import type { View } from '#ingress/objects/view.ts';

export interface RouteObjects {
  readonly ingresses?: readonly Ingress[];
  readonly classes?: readonly IngressClass[];
  readonly services?: readonly Service[];
  readonly slices?: readonly EndpointSlice[];
  readonly secrets?: readonly Secret[];
  readonly configMaps?: readonly ConfigMap[];
}

export function routeView(objects: RouteObjects): View {
  const {
    ingresses = [],
    classes = [defaultIngressClass],
    services = [],
    slices = [],
    secrets = [],
  } = objects;
  const named =
    <T extends { metadata?: { name?: string } }>(list: readonly T[]) =>
    (_: string, name: string) =>
      list.find(({ metadata }) => metadata?.name === name) as Stored<T> | undefined;
  const ofClass = named(classes);
  return {
    ingresses: () => ingresses as Stored<Ingress>[],
    ingressClass: (name) => ofClass('', name),
    service: named(services),
    slices: (_, service) =>
      slices.filter(
        ({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service,
      ) as Stored<EndpointSlice>[],
    secret: named(secrets),
    configMap: named(objects.configMaps ?? []),
    namespace: () => undefined,
  };
}

/** A Service of one port 80 named `http`, with these endpoints at `targetPort`. */
export function serviceWithEndpoints(
  name: string,
  addresses: readonly string[],
  targetPort = 8080,
): { readonly service: Service; readonly slice: EndpointSlice } {
  return {
    service: { metadata: { name, namespace: 'default' }, spec: { ports: [{ name: 'http', port: 80 }] } },
    slice: {
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: targetPort }],
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    },
  };
}

/** Paths by host: `'/a': 'web'` leads prefix `/a` to port 80 of Service `web`. */
export function ingressOf(
  name: string,
  hosts: Readonly<Record<string, Readonly<Record<string, string>>>>,
  annotations: Readonly<Record<string, string>> = {},
  pathType = 'Prefix',
): Ingress {
  const backend = (service: string) => ({ service: { name: service, port: { number: 80 } } });
  const prefixed = Object.entries(annotations).map(([key, value]) => [
    `nginx.ingress.kubernetes.io/${key}`,
    value,
  ]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: Object.fromEntries(prefixed),
    },
    spec: {
      ingressClassName: 'kybern',
      rules: Object.entries(hosts).map(([host, paths]) => ({
        ...(host === '' ? {} : { host }),
        http: {
          paths: Object.entries(paths).map(([path, to]) => ({ path, pathType, backend: backend(to) })),
        },
      })),
    },
  };
}
