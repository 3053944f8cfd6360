/**
 * The Service that stands before a Gateway: clients reach the listeners' ports at its address, the proxy listens for each
 * at a port of its own on the node. Which port that is, its EndpointSlice records.
 */

import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { controllerName, type Gateway, gateways } from './kinds.ts';

const nameLengthMax = 63;

export function serviceName({ metadata }: Stored<Gateway>): string {
  return `gateway-${metadata.name}`
    .slice(0, nameLengthMax)
    .replace(/[.-]+$/, '')
    .replaceAll('.', '-');
}

/** Ports of listeners that can be served, each once. */
export function gatewayPorts({ spec }: Gateway): number[] {
  const served = spec.listeners.filter(({ protocol }) => protocol === 'HTTP' || protocol === 'HTTPS');
  return [...new Set(served.map(({ port }) => port))];
}

/** By the ports of the Gateway, those that the proxy listens on. */
export function recordedPorts(slice: EndpointSlice | undefined): Map<number, number> {
  const ports = (slice?.ports ?? []).filter(({ port }) => port !== undefined);
  return new Map(ports.map(({ name = '', port }) => [Number(name.slice(1)), port!]));
}

export interface GatewayObjects {
  readonly service: Service;
  readonly slice: EndpointSlice;
}

export function gatewayObjects(
  gateway: Stored<Gateway>,
  ports: ReadonlyMap<number, number>,
  address: string,
): GatewayObjects {
  const { namespace = '', name, uid } = gateway.metadata;
  const owner: OwnerReference = {
    apiVersion: apiVersionOf(gateways),
    kind: gateways.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const labels = { 'gateway.networking.k8s.io/gateway-name': name };
  const metadata = { name: serviceName(gateway), namespace, ownerReferences: [owner] };
  const served = [...ports];
  return {
    service: {
      metadata: { ...metadata, labels },
      spec: {
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        ports: served.map(([port, targetPort]) => ({ name: `p${port}`, port, targetPort, protocol: 'TCP' })),
      },
    },
    slice: {
      metadata: {
        ...metadata,
        labels: {
          ...labels,
          'kubernetes.io/service-name': metadata.name,
          'endpointslice.kubernetes.io/managed-by': controllerName.replace('/', '-'),
        },
      },
      addressType: 'IPv4',
      ports: served.map(([port, targetPort]) => ({ name: `p${port}`, port: targetPort, protocol: 'TCP' })),
      endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } }],
    },
  };
}

/** That of the load balancer, else the cluster's own, which this machine and all pods reach. */
export function addressOf(service: Service | undefined): string | undefined {
  const { ingress = [] } = service?.status?.loadBalancer ?? {};
  return ingress[0]?.ip ?? service?.spec?.clusterIP;
}
