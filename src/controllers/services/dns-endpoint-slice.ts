/**
 * Leads the Service `kube-system/kube-dns` to the DNS of every node: one endpoint for each node that says by an annotation
 * where its DNS answers. A node that is away is not asked; each node's clients prefer their own.
 *
 * Reads nodes; writes the EndpointSlice `kube-dns`. Upstream has pods and a selector instead.
 */

import { endpointSlices, nodes } from '#api/generated/kinds.gen.ts';
import type { Endpoint, EndpointSlice, Node } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

/** The address at which a node's DNS answers, over UDP and TCP at port 53, and its metrics at port 9153. */
export const dnsAddressAnnotation = 'kybern.io/dns-address';

const key = 'kube-dns';
const namespace = 'kube-system';
const zoneLabel = 'topology.kubernetes.io/zone';
/** As upstream of a slice. */
const endpointsMax = 1000;

const ports: EndpointSlice['ports'] = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  { name: 'metrics', port: 9153, protocol: 'TCP' },
];

export const dnsEndpointSlice = defineController({
  name: 'dns-endpoint-slice-controller',
  start({ informers }) {
    const nodeInformer = informers.for(nodes);
    const sliceInformer = informers.for(endpointSlices);
    return {
      watches: [
        watch({
          type: nodes,
          keys: () => [key],
          filter: (node) => addressOf(node) !== undefined,
          changed: (old, node) => JSON.stringify(endpointOf(old)) !== JSON.stringify(endpointOf(node)),
        }),
        watch({ type: endpointSlices, keys: () => [key], filter: isOwn }),
      ],
      reconcile() {
        const endpoints = dnsEndpoints(nodeInformer.list());
        const slice = sliceInformer.get(namespace, key);
        if (!slice) {
          return endpoints.length === 0
            ? nothingToDo
            : { actions: [{ do: 'create', type: endpointSlices, object: newSlice(endpoints) }] };
        }
        if (isSame(slice, endpoints)) return nothingToDo;
        const patch = { endpoints, ports };
        return { actions: [{ do: 'patch', ...targetOf(endpointSlices, slice), patchType: 'merge', patch }] };
      },
    };
  },
});

function isOwn({ metadata }: Stored<EndpointSlice>): boolean {
  return metadata.name === key && metadata.namespace === namespace;
}

export function dnsEndpoints(all: readonly Node[]): Endpoint[] {
  const endpoints = all.flatMap((node) => endpointOf(node) ?? []);
  return endpoints.sort((a, b) => ((a.nodeName ?? '') < (b.nodeName ?? '') ? -1 : 1)).slice(0, endpointsMax);
}

/** A node that is not ready still answers, unless its kubelet is not heard of any more. */
function endpointOf(node: Node): Endpoint | undefined {
  const address = addressOf(node);
  const nodeName = node.metadata?.name;
  if (address === undefined || nodeName === undefined) return undefined;
  const ready = conditionOf(node.status, 'Ready')?.status !== 'Unknown';
  const zone = node.metadata?.labels?.[zoneLabel];
  const forZones = zone ? { forZones: [{ name: zone }] } : {};
  return {
    addresses: [address],
    conditions: { ready, serving: ready, terminating: false },
    nodeName,
    ...(zone ? { zone } : {}),
    ...(ready ? { hints: { ...forZones, forNodes: [{ name: nodeName }] } } : {}),
  };
}

function addressOf({ metadata }: Node): string | undefined {
  return metadata?.annotations?.[dnsAddressAnnotation];
}

function isSame(slice: EndpointSlice, endpoints: readonly Endpoint[]): boolean {
  const [now, wanted] = [
    { ports: slice.ports, endpoints: slice.endpoints ?? [] },
    { ports, endpoints },
  ].map((content) => JSON.stringify(sorted(content)));
  return now === wanted;
}

/** With the keys of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, sorted(field)]));
}

function newSlice(endpoints: Endpoint[]): EndpointSlice {
  const labels = {
    'k8s-app': 'kube-dns',
    'kubernetes.io/service-name': key,
    'endpointslice.kubernetes.io/managed-by': 'kybern',
  };
  return { metadata: { name: key, namespace, labels }, addressType: 'IPv4', ports: ports ?? [], endpoints };
}
