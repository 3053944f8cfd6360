/**
 * Run inside a namespace of `node-lab.ts`: brings the node's routes, tunnel and table to the Node objects of its
 * argument, as the part of a cluster's node does.
 */

import { parseArgs } from 'node:util';
import type { Node } from '#api/generated/types.gen.ts';
import { addAddress, takeRoutes } from '#host/network/bridge.ts';
import { installPodsTable, PodPaths, type PodsFrame } from '#network/pods/pod-paths.ts';

export interface FollowRequest {
  readonly frame: PodsFrame;
  readonly self: { readonly name: string; readonly address: string };
  /** Address of the pod bridge: `198.19.2.1/24`. */
  readonly gateway: string;
  readonly nodes: readonly Node[];
}

const { positionals } = parseArgs({ allowPositionals: true });
const { frame, self, gateway, nodes }: FollowRequest = JSON.parse(positionals[0] ?? '');
const { podRange, serviceRange } = frame;
await takeRoutes(frame.bridge, { podRange, serviceRange }, self.address);
await addAddress(frame.bridge, gateway);
await installPodsTable(frame);
const { mtu, unreachable } = await new PodPaths(frame, self).follow(nodes);
console.log(JSON.stringify({ mtu, unreachable: [...unreachable] }));
