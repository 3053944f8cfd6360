/** For tests: services, and pods behind one with a selector. */

import type { Node, Pod, Service, ServiceSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { storedMetadata, storedPod } from '../objects.ts';

export const labels = { app: 'web' };

/** As a client creates it. */
export function newService(name: string, spec: Partial<ServiceSpec> = {}): Service {
  return { metadata: { name, namespace: 'default' }, spec: { type: 'ClusterIP', ...spec } };
}

export function webService(spec: Partial<ServiceSpec> = {}, more: object = {}): Stored<Service> {
  return {
    metadata: storedMetadata('web', { namespace: 'default', labels: { team: 'a' }, ...more }),
    spec: {
      selector: labels,
      clusterIP: '10.96.0.10',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      ...spec,
    },
  };
}

export function backend(name: string, ip: string, ready: boolean, more: object = {}): Stored<Pod> {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return storedPod(name, {
    metadata: { labels, ...more },
    node: 'n1',
    spec: {
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }],
      hostname: name,
      subdomain: 'web',
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions },
  });
}

export const zoned: Node = { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } };

/** A ready one, one that is not ready, a terminating one. */
export const backends = [
  backend('a', '10.0.0.2', true),
  backend('b', '10.0.0.1', false),
  backend('c', '10.0.0.3', true, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
];
