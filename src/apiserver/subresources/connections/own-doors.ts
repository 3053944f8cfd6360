/** Where the cluster's own servers listen: a service's endpoints lead no proxied request there. */

import { BlockList, isIP } from 'node:net';
import { endpointSlices, nodes } from '#api/generated/kinds.gen.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import { kubeletPortOf } from './kubelet-connection.ts';

const ownService = 'kubernetes';

/** The addresses of API servers and kubelets that listen on `port`. */
export function ownDoors(reader: ObjectReader, port: number): BlockList {
  const doors = new BlockList();
  const add = (address: string) => {
    const family = isIP(address);
    if (family !== 0) doors.addAddress(address, family === 4 ? 'ipv4' : 'ipv6');
  };
  for (const node of readObjects(reader, nodes, '')) {
    if (kubeletPortOf(node) !== port) continue;
    for (const { address } of node.status?.addresses ?? []) add(address);
  }
  for (const slice of readObjects(reader, endpointSlices, 'default')) {
    if (slice.metadata?.labels?.['kubernetes.io/service-name'] !== ownService) continue;
    if (!slice.ports?.some((slicePort) => slicePort.port === port)) continue;
    for (const address of slice.endpoints?.flatMap(({ addresses }) => addresses) ?? []) add(address);
  }
  return doors;
}
