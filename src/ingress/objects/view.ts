/** The objects that decisions about routes read. */

import type {
  ConfigMap,
  EndpointSlice,
  Ingress,
  IngressClass,
  Namespace,
  Secret,
  Service,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export interface View {
  ingresses(): readonly Stored<Ingress>[];
  ingressClass(name: string): Stored<IngressClass> | undefined;
  service(namespace: string, name: string): Stored<Service> | undefined;
  slices(namespace: string, service: string): readonly Stored<EndpointSlice>[];
  secret(namespace: string, name: string): Stored<Secret> | undefined;
  configMap(namespace: string, name: string): Stored<ConfigMap> | undefined;
  namespace(name: string): Stored<Namespace> | undefined;
}
